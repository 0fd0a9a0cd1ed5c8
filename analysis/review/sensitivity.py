"""d': how far the clip's own image stands out from the others, whatever the number of options."""

from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr

from analysis.review.sections import Sensitivity
from analysis.summary import Summary
from analysis.values import Interval, Range, Undefined

# The integrand has died away at both ends, where the plain sum of a smooth function is exact to rounding.
_STEP = 0.02
_GRID = np.arange(-9, 9 + _STEP / 2, _STEP)
_NORMAL = np.exp(-(_GRID**2) / 2) / np.sqrt(2 * np.pi) * _STEP


def proportion_correct(d: float, options: int) -> float:
    """Share of right answers of an unbiased listener: integral of phi(x - d) Phi(x)^(options - 1) dx.

    Green & Swets (1966), Signal Detection Theory and Psychophysics; for three options and d = 1 it is .634
    (Hacker & Ratcliff 1979, Perception & Psychophysics 26, 168-170).
    """
    return float(_NORMAL @ ndtr(_GRID + d) ** (options - 1))


@lru_cache(maxsize=4096)
def d_prime(accuracy: float, options: int) -> float:
    """The d whose `proportion_correct` is this accuracy, which lies between 0 and 1, both excluded."""
    return float(brentq(lambda d: proportion_correct(d, options) - accuracy, -30, 30, xtol=1e-10))


def d_prime_of_counts(correct: int, n: int, options: int) -> float:
    """d' of `correct` of n answers; none or all right stand for (correct + 1/2) / (n + 1)."""
    return d_prime((correct + 0.5) / (n + 1) if correct in (0, n) else correct / n, options)


def sensitivity(summary: Summary) -> Sensitivity | Undefined:
    """d' of the mean accuracy. It takes listeners to be unbiased; bias makes it too small."""
    options = {len(trial.options) for trial in summary.trials}
    if len(options) > 1:
        return Undefined("Trials have different numbers of options, so there is no single d'.")
    (among,) = options
    corrected = summary.accuracy in (0.0, 1.0)
    at = (summary.accuracy * summary.answers + 0.5) / (summary.answers + 1) if corrected else summary.accuracy
    return Sensitivity(among, d_prime(at, among), _ends(summary.accuracy_interval, among), corrected)


def _ends(accuracy: Range, options: int) -> Range:
    if isinstance(accuracy, Undefined):
        return accuracy
    if accuracy.low <= 0 or accuracy.high >= 1:
        return Undefined("The interval of accuracy reaches 0 or 1, where d' has no end.")
    low, high = d_prime(accuracy.low, options), d_prime(accuracy.high, options)
    return Interval(low, high, f"d' of the ends of the {accuracy.method}", accuracy.level)
