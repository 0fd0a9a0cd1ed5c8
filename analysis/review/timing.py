"""How long answers took, and whether right ones took longer than wrong ones."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from analysis.intervals import LEVEL
from analysis.matrix import UNKNOWN, AnswerMatrix
from analysis.review.sections import ResponseTimes
from analysis.values import Interval, Number, Range, Undefined

Floats = NDArray[np.float64]


def response_times(matrix: AnswerMatrix) -> ResponseTimes | Undefined:
    """Medians of all answers; right against wrong within volunteers, on logarithms, as times are skewed."""
    times = matrix.told["response_ms"]
    known = times != UNKNOWN
    if not known.any():
        return Undefined("The table does not tell how long answers took.")
    right, wrong = known & matrix.correct, known & ~matrix.correct
    ratio, interval, p, volunteers = _ratio(np.log(np.maximum(times, 1)), right, wrong)
    low, middle, high = np.quantile(times[known], [0.25, 0.5, 0.75])
    return ResponseTimes(
        answers=int(known.sum()),
        median=float(middle),
        quartiles=(float(low), float(high)),
        median_correct=_median(times[right], "right"),
        median_wrong=_median(times[wrong], "wrong"),
        ratio=ratio,
        interval=interval,
        p=p,
        volunteers=volunteers,
    )


def _median(times: NDArray[np.int64], which: str) -> Number:
    return float(np.median(times)) if len(times) else Undefined(f"No answer with a known time is {which}.")


def _ratio(
    logs: Floats, right: NDArray[np.bool_], wrong: NDArray[np.bool_]
) -> tuple[Number, Range, Number, int]:
    """Geometric mean of the volunteers' ratios, its interval, p and the number of volunteers with both."""
    both = right.any(axis=1) & wrong.any(axis=1)
    n = int(both.sum())
    if n < 2:
        why = Undefined("Right and wrong answers are compared within volunteers; fewer than two have both.")
        return why, why, why, n
    own = np.sort(_mean(logs[both], right[both]) - _mean(logs[both], wrong[both]))
    middle, spread = float(own.mean()), float(own.std(ddof=1) / np.sqrt(n))
    if spread < 1e-12:
        why = Undefined("All volunteers have the same ratio, so there is no spread to go by.")
        return float(np.exp(middle)), why, why, n
    half = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * spread
    low, high = np.exp([middle - half, middle + half])
    p = float(2 * stdtr(n - 1, -abs(middle) / spread))
    return (
        float(np.exp(middle)),
        Interval(float(low), float(high), "t over volunteers, log times", LEVEL),
        p,
        n,
    )


def _mean(values: Floats, which: NDArray[np.bool_]) -> Floats:
    return np.asarray((values * which).sum(axis=1) / which.sum(axis=1))
