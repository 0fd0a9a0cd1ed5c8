"""Scores of one volunteer, one trial and one class."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.intervals import wilson
from analysis.matrix import AnswerMatrix
from analysis.values import Number, Range, ratio


@dataclass(frozen=True, slots=True)
class VolunteerScore:
    """How one session did."""

    session: str
    correct: int
    answered: int
    complete: bool

    @property
    def accuracy(self) -> float:
        return self.correct / self.answered


@dataclass(frozen=True, slots=True)
class TrialScore:
    """What volunteers chose in one trial; `options` and `counts` go together, in the order of the classes.

    listed  the options in the order the answers list them, for whoever holds pictures in that order;
            None where answers disagree. No statistic depends on it.
    """

    trial: int
    options: tuple[str, ...]
    counts: tuple[int, ...]
    truth: str
    interval: Range
    listed: tuple[str, ...] | None = field(default=None, compare=False)

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of answers per option, summing to 1."""
        return tuple(count / self.n for count in self.counts)

    @property
    def correct(self) -> int:
        return self.counts[self.options.index(self.truth)]

    @property
    def accuracy(self) -> float:
        return self.correct / self.n

    @property
    def unanimous(self) -> bool:
        return self.n > 1 and max(self.counts) == self.n


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How well one class was told from the others.

    truths     answers to trials whose truth is this class
    choices    answers that chose it
    correct    both
    recall     correct / truths: how often its clip was recognised
    precision  correct / choices: how often choosing it was right
    """

    name: str
    truths: int
    choices: int
    correct: int

    @property
    def recall(self) -> Number:
        return ratio(
            self.correct,
            self.truths,
            otherwise=f"No answered trial had '{self.name}' as its truth, so it has no recall.",
        )

    @property
    def precision(self) -> Number:
        return ratio(
            self.correct, self.choices, otherwise=f"Nobody chose '{self.name}', so it has no precision."
        )


def volunteer_scores(matrix: AnswerMatrix) -> tuple[VolunteerScore, ...]:
    """One score per session, in alphabetical order of sessions."""
    rows = zip(
        matrix.sessions,
        matrix.correct.sum(axis=1).tolist(),
        matrix.answered.sum(axis=1).tolist(),
        matrix.complete.tolist(),
        strict=True,
    )
    return tuple(VolunteerScore(*row) for row in sorted(rows))


def trial_scores(matrix: AnswerMatrix, chosen: NDArray[np.int64]) -> tuple[TrialScore, ...]:
    """One score per trial from counts (T, K), in the order of trial numbers."""
    return tuple(_trial_score(matrix, column, chosen[column]) for column in range(len(matrix.trials)))


def _trial_score(matrix: AnswerMatrix, column: int, counts: NDArray[np.int64]) -> TrialScore:
    options = np.flatnonzero(matrix.offered[column])
    truth = int(matrix.truth[column])
    return TrialScore(
        trial=matrix.trials[column],
        options=tuple(matrix.classes[option] for option in options),
        counts=tuple(counts[options].tolist()),
        truth=matrix.classes[truth],
        interval=wilson(int(counts[truth]), int(counts.sum())),
        listed=matrix.listed[column],
    )


def class_scores(names: Sequence[str], confusion: NDArray[np.int64]) -> tuple[ClassScore, ...]:
    """One score per class from confusion counts, truth in rows and choice in columns."""
    counts = zip(
        names,
        confusion.sum(axis=1).tolist(),
        confusion.sum(axis=0).tolist(),
        np.diag(confusion).tolist(),
        strict=True,
    )
    return tuple(ClassScore(*row) for row in counts)
