"""The numbers of a study, from its answers: accuracy, sigma, Fleiss' kappa, per class, per trial."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import fsum

import numpy as np
from numpy.typing import NDArray

from analysis.agreement import fleiss_kappa
from analysis.answers import Answer
from analysis.counting import Described as Described
from analysis.counting import Left, count, with_unfinished
from analysis.counting import Unfinished as Unfinished
from analysis.errors import AnalysisError
from analysis.exclusions import Rules
from analysis.intervals import DRAWS, SEED, crossed_bootstrap, t_interval
from analysis.matrix import AnswerMatrix
from analysis.scores import (
    ClassScore,
    TrialScore,
    VolunteerScore,
    class_scores,
    trial_scores,
    volunteer_scores,
)
from analysis.values import Number, Range, Undefined


@dataclass(frozen=True)
class Bootstrap:
    """How `accuracy_interval` was drawn, so that anyone can draw it again."""

    draws: int = DRAWS
    seed: int = SEED

    def __post_init__(self) -> None:
        if self.draws < 1 or self.seed < 0:
            raise AnalysisError("A bootstrap needs at least one draw and a seed of 0 or more.")


@dataclass(frozen=True)
class Summary:
    """All numbers of a study; equal answers give an equal summary, in whatever order they come.

    accuracy           mean over volunteers of their share of right answers
    sigma              standard deviation of the volunteers' accuracies dividing by n, as in the paper
    sigma_ddof1        the same dividing by n - 1, the estimate for the population of volunteers
    kappa              Fleiss' kappa with classes as columns: agreement, not correctness
    chance             accuracy expected from guessing: 1/k, averaged over answers where k differs
    accuracy_interval  95 % over new volunteers and new trials (crossed bootstrap): the headline
    t_interval         95 % over new volunteers to these very trials
    confusion          counts; rows are the truth and columns the choice, both in the order of `classes`
    unfinished         what was done with sessions that did not reach the end
    unfinished_sessions how many of those there were
    described          what was done with sessions that chose among written descriptions, not images
    described_sessions how many of those there were
    condition          the condition (arm) whose sessions are counted; empty where the study has none
    missing            answers that the counted volunteers did not give to the counted trials
    """

    volunteers: tuple[VolunteerScore, ...]
    trials: tuple[TrialScore, ...]
    classes: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]
    answers: int
    accuracy: float
    sigma: float
    sigma_ddof1: Number
    kappa: Number
    chance: float
    accuracy_interval: Range
    t_interval: Range
    unfinished: Unfinished
    unfinished_sessions: int
    described: Described
    described_sessions: int
    missing: int
    bootstrap: Bootstrap = field(default_factory=Bootstrap)
    condition: str = ""

    @property
    def class_names(self) -> tuple[str, ...]:
        return tuple(score.name for score in self.classes)

    @property
    def unanimous(self) -> tuple[int, ...]:
        """Trials in which at least two volunteers answered and all chose the same image, right or wrong."""
        return tuple(score.trial for score in self.trials if score.unanimous)

    @property
    def unanimously_right(self) -> tuple[int, ...]:
        """Trials in which at least two volunteers answered and all of them rightly, as the paper counts."""
        return tuple(score.trial for score in self.trials if score.unanimous and score.correct)

    @property
    def policy(self) -> str:
        """What was done with unfinished sessions and those by descriptions, in a sentence or two."""
        return " ".join(filter(None, (self.of_unfinished, self.of_described)))

    @property
    def of_unfinished(self) -> str:
        """What was done with unfinished sessions, as a sentence."""
        if not self.unfinished_sessions:
            return "All sessions with answers were finished."
        are = "session was" if self.unfinished_sessions == 1 else "sessions were"
        done = "left out" if self.unfinished == "exclude" else "counted with the answers they gave"
        return f"{self.unfinished_sessions} unfinished {are} {done}."

    @property
    def of_described(self) -> str:
        """What was done with sessions that chose among written descriptions; nothing where there are none."""
        if not self.described_sessions:
            return ""
        if self.described == "only":
            return "Only sessions that chose by written descriptions of the images are counted."
        sessions, were = ("session", "was") if self.described_sessions == 1 else ("sessions", "were")
        done = "left out" if self.described == "exclude" else "counted with the others"
        return (
            f"{self.described_sessions} {sessions} that chose by written descriptions of the images "
            f"{were} {done}."
        )


def summarise(
    answers: Iterable[Answer] | AnswerMatrix,
    *,
    condition: str | None = None,
    unfinished: Unfinished = "exclude",
    described: Described = "exclude",
    rules: Rules | None = None,
    bootstrap: Bootstrap | None = None,
) -> Summary:
    """Check the answers and compute every number from them.

    condition names the condition (arm) to be counted; it must be named where there are several.
    unfinished "exclude" counts finished sessions only; "include" counts every answer given.
    described "exclude" counts sessions that saw the images; "only" those that chose among written
    descriptions of them, which is another task; "include" counts both together.
    rules of exclusion, declared before the data, say whom else to leave out.

    Raises InvalidAnswer naming the row of an impossible answer, NoAnswers where nothing is left to count,
    ConditionNeeded where conditions would be mixed.
    """
    found = count(answers, with_unfinished(rules, unfinished), condition, described)
    return summary_of(found.matrix, found.left, bootstrap or Bootstrap())


def summary_of(matrix: AnswerMatrix, left: Left, bootstrap: Bootstrap) -> Summary:
    """Every number of these sessions; `left` says what was done with the others."""
    answered, correct = matrix.answered, matrix.correct
    # Sorted, so that rounding too is the same for every order of sessions.
    accuracies = np.sort(correct.sum(axis=1) / answered.sum(axis=1))  # (n,)
    chosen = matrix.counts()  # (T, K)
    truths = np.eye(len(matrix.classes), dtype=np.int64)[matrix.truth]  # (T, K) one-hot
    confusion = truths.T @ chosen  # (K truth, K choice)
    return Summary(
        volunteers=volunteer_scores(matrix),
        trials=trial_scores(matrix, chosen),
        classes=class_scores(matrix.classes, confusion),
        confusion=tuple(tuple(row) for row in confusion.tolist()),
        answers=int(answered.sum()),
        accuracy=float(accuracies.mean()),
        sigma=float(accuracies.std()),
        sigma_ddof1=_sample_sd(accuracies),
        kappa=fleiss_kappa(chosen),
        chance=_chance(answered.sum(axis=0), matrix.offered.sum(axis=1)),
        accuracy_interval=crossed_bootstrap(correct, answered, draws=bootstrap.draws, seed=bootstrap.seed),
        t_interval=t_interval(accuracies),
        unfinished=left.unfinished,
        unfinished_sessions=left.unfinished_sessions,
        described=left.described,
        described_sessions=left.described_sessions,
        missing=int((~answered).sum()),
        bootstrap=bootstrap,
        condition=matrix.condition[0],
    )


def _chance(answers: NDArray[np.int64], options: NDArray[np.int64]) -> float:
    """Mean of 1/k over answers, from (T,) answers and (T,) options per trial."""
    return fsum(answers / options) / int(answers.sum())


def _sample_sd(accuracies: NDArray[np.float64]) -> Number:
    if len(accuracies) < 2:
        return Undefined("A standard deviation dividing by n - 1 needs at least two volunteers.")
    return float(accuracies.std(ddof=1))
