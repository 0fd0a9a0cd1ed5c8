"""The conditions (arms) of a study: counted one at a time, never together."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from analysis.answers import Answer
from analysis.errors import AnalysisError

if TYPE_CHECKING:
    from analysis.matrix import AnswerMatrix


class ConditionNeeded(AnalysisError):
    """These answers come from several conditions, which no number counts together."""


def names(answers: Iterable[Answer]) -> tuple[str, ...]:
    """The conditions of these answers in alphabetical order; a study without any has one, without a name."""
    return tuple(sorted({answer.condition for answer in answers}))


def only(answers: Iterable[Answer], condition: str | None = None) -> list[Answer]:
    """The answers of one condition; None asks for the only one there is.

    Raises ConditionNeeded where there are several and none is named, or where none has this name.
    """
    every = list(answers)
    there = names(every)
    if condition is None:
        if len(there) > 1:
            raise ConditionNeeded(
                f"These answers come from {len(there)} conditions ({_listed(there)}); count one at a time, "
                "or compare them."
            )
        return every
    if every and condition not in there:
        raise ConditionNeeded(f"No answer is of the condition '{condition}'; there is {_listed(there)}.")
    return [answer for answer in every if answer.condition == condition]


def apart(answers: "AnswerMatrix", listed: Iterable[str] = ()) -> "dict[str, AnswerMatrix]":
    """The answers of each condition: of those listed, or of all there are in alphabetical order."""
    found = {}
    for name in tuple(listed) or sorted(set(answers.condition)):
        found[name] = answers.only_sessions(one == name for one in answers.condition)
    return found


def laid_out(answers: "Iterable[Answer] | AnswerMatrix", condition: str | None = None) -> "AnswerMatrix":
    """The checked answers of one condition, as arrays; `answers` may be a matrix of one condition already.

    Raises ConditionNeeded as `only`, InvalidAnswer as `to_matrix`.
    """
    from analysis.matrix import AnswerMatrix, to_matrix  # numpy, which `import analysis` does without

    if isinstance(answers, AnswerMatrix):
        if len(set(answers.condition)) > 1:
            raise ConditionNeeded("A matrix to be counted holds the sessions of one condition.")
        return answers
    return to_matrix(only(answers, condition))


def _listed(there: tuple[str, ...]) -> str:
    return ", ".join(name or "one without a name" for name in there)
