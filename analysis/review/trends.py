"""Accuracy along the order of trials, and by how often a clip was played."""

import numpy as np
from numpy.typing import NDArray

from analysis.intervals import wilson
from analysis.matrix import UNKNOWN, AnswerMatrix
from analysis.review.equations import slope
from analysis.review.sections import Slope, Step, Trend
from analysis.values import Undefined


def learning(matrix: AnswerMatrix) -> Trend | Undefined:
    """Accuracy at each place of the order; the slope needs orders that differ between volunteers."""
    order = matrix.told["order"]
    known = order != UNKNOWN
    if not known.any():
        return Undefined("The table does not tell at which place of the order a trial came.")
    if len(matrix.sessions) > 1 and _same_for_all(order, known):
        steps = _steps(matrix, order, known)
        return Trend(
            steps,
            Undefined(
                "All volunteers met the trials in the same order, so place and trial can't be told apart."
            ),
        )
    return _trend(matrix, order, known)


def listens(matrix: AnswerMatrix) -> Trend | Undefined:
    """Accuracy by number of plays. Nobody drew the plays by chance: hard clips are played more often."""
    plays = matrix.told["plays"]
    known = plays != UNKNOWN
    if not known.any():
        return Undefined("The table does not tell how often clips were played.")
    return _trend(matrix, plays, known)


def _same_for_all(order: NDArray[np.int64], known: NDArray[np.bool_]) -> bool:
    first = np.where(known, order, np.iinfo(np.int64).max).min(axis=0)
    return bool((order.max(axis=0) <= first).all())


def _trend(matrix: AnswerMatrix, values: NDArray[np.int64], known: NDArray[np.bool_]) -> Trend:
    found: Slope | Undefined = slope(matrix.correct, known, values.astype(float))
    return Trend(_steps(matrix, values, known), found)


def _steps(matrix: AnswerMatrix, values: NDArray[np.int64], known: NDArray[np.bool_]) -> tuple[Step, ...]:
    there, index = np.unique(values[known], return_inverse=True)
    n = np.bincount(index, minlength=len(there)).tolist()
    correct = np.bincount(index, weights=matrix.correct[known], minlength=len(there)).astype(int).tolist()
    return tuple(
        Step(value, of, right, wilson(right, of))
        for value, of, right in zip(there.tolist(), n, correct, strict=True)
    )
