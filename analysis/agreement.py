"""How far volunteers agree with each other, whether or not they are right."""

import numpy as np
from numpy.typing import NDArray

from analysis.values import Number, Undefined


def fleiss_kappa(counts: NDArray[np.int64]) -> Number:
    """Fleiss' kappa of counts (T trials, K classes): how often each class was chosen in each trial.

    Columns must be classes: a screen position or a storage slot as column gives another, meaningless
    number. Formula: Fleiss (1971), Psychological Bulletin 76, 378-382, with P_i the share of agreeing pairs
    of raters in trial i and P_e the agreement by chance. His table gives .430, and statsmodels'
    `fleiss_kappa` the same value wherever both are defined.
    """
    raters = np.unique(counts.sum(axis=1))
    reason = _why_undefined(counts, raters)
    if reason:
        return Undefined(reason)
    n, T = int(raters[0]), len(counts)
    # Whole numbers until the last division: no order of trials or classes can change a digit.
    agreement = (_squares(counts) - n * T) / (T * n * (n - 1))  # mean of P_i
    by_chance = _squares(counts.sum(axis=0)) / (n * T) ** 2  # P_e
    return (agreement - by_chance) / (1 - by_chance)


def _squares(counts: NDArray[np.int64]) -> int:
    return int((counts**2).sum())


def _why_undefined(counts: NDArray[np.int64], raters: NDArray[np.int64]) -> str | None:
    if raters.size == 0:
        return "Kappa needs answers; there are none."
    if raters.size > 1:
        return (
            "Kappa is defined only where every trial has the same number of answers; "
            f"here trials have between {raters[0]} and {raters[-1]}."
        )
    if raters[0] < 2:
        return "Kappa compares volunteers with each other; there is only one answer per trial."
    if np.count_nonzero(counts.sum(axis=0)) < 2:
        return (
            "Kappa is undefined: all answers fall into one class, so agreement by chance is already complete."
        )
    return None
