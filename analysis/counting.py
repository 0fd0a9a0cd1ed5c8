"""Which sessions are counted, and what is said of the others; every number begins here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis import conditions
from analysis.answers import Answer
from analysis.errors import AnalysisError, NoAnswers
from analysis.exclusions import Judged, Rules, flow_sentences, judge
from analysis.matrix import AnswerMatrix

Unfinished = Literal["exclude", "include"]
Described = Literal["exclude", "only", "include"]


@dataclass(frozen=True)
class Left:
    """What is counted, and how many sessions of each doubtful kind there were."""

    unfinished: Unfinished
    unfinished_sessions: int
    described: Described
    described_sessions: int


@dataclass(frozen=True)
class Counted:
    """Sessions that are counted.

    matrix  their answers
    chosen  the answers of everybody of the kind that was asked for, whom the rules judged
    """

    matrix: AnswerMatrix
    chosen: AnswerMatrix
    rules: Rules
    judged: Judged
    left: Left


def with_unfinished(rules: Rules | None, unfinished: Unfinished) -> Rules:
    """The declared rules, without the first of them where unfinished sessions are to be counted too."""
    if unfinished not in ("exclude", "include"):
        raise AnalysisError(f"Unfinished sessions can be 'exclude'd or 'include'd, not '{unfinished}'.")
    declared = rules or Rules()
    return declared if unfinished == "exclude" else replace(declared, finished=False)


def count(
    answers: Iterable[Answer] | AnswerMatrix, rules: Rules, condition: str | None, described: Described
) -> Counted:
    """Lay the answers of one condition out and leave out whom the rules leave out.

    Raises InvalidAnswer naming the row of an impossible answer, ConditionNeeded where conditions would be
    mixed, NoAnswers where nobody is left.
    """
    if described not in ("exclude", "only", "include"):
        raise AnalysisError(
            f"Sessions by descriptions can be 'exclude'd, counted as the 'only' ones or 'include'd, not "
            f"'{described}'."
        )
    everything = conditions.laid_out(answers, condition)
    aside = int((everything.described & (everything.complete | (not rules.finished))).sum())
    chosen = everything.only(_of_kind(everything, described))
    judged = judge(chosen, rules)
    if not judged.kept.any():
        raise NoAnswers(_nobody(chosen, judged, aside if described == "exclude" else 0))
    kept = chosen.only(judged.kept)
    unfinished: Unfinished = "exclude" if rules.finished else "include"
    started = int((~(chosen if rules.finished else kept).complete).sum())
    return Counted(kept, chosen, rules, judged, Left(unfinished, started, described, aside))


def _of_kind(matrix: AnswerMatrix, described: Described) -> NDArray[np.bool_]:
    """The sessions (n,) of the kind that is asked for."""
    if described == "include":
        return np.ones(len(matrix.sessions), dtype=bool)
    return matrix.described if described == "only" else ~matrix.described


def _nobody(chosen: AnswerMatrix, judged: Judged, described: int) -> str:
    if described and not chosen.complete.any():
        return "Every session to count chose by written descriptions of the images; those are counted apart."
    if not chosen.sessions:
        return "There are no answers yet; it takes at least one."
    if judged.rules == ("finished",):
        n = len(chosen.sessions)
        sessions = "The only session is" if n == 1 else f"All {n} sessions are"
        return f"{sessions} unfinished; include unfinished sessions to see their answers."
    return f"The rules leave nobody to count. {' '.join(flow_sentences(judged.flow))}"
