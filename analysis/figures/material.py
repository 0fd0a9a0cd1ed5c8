"""What figures are made of: the answers that were counted, their numbers, and what else is at hand."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.answers import Answer
from analysis.figures.thumbnails import Thumbnails
from analysis.machine.document import Machine
from analysis.matrix import AnswerMatrix
from analysis.summary import Summary


@dataclass(frozen=True)
class Material:
    """Answers with their summary; pictures and the machine's listening where they are known.

    answers  as objects or laid out; those of sessions that the summary does not count are passed over
    """

    answers: Sequence[Answer] | AnswerMatrix
    summary: Summary
    thumbnails: Thumbnails | None = None
    machine: Machine | None = None
