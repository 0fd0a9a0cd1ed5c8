"""How far volunteers agree with each other, whether or not they are right."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from analysis.values import Number, Undefined

_ONE_CLASS = "all answers fall into one class, so agreement by chance is already complete"


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


def krippendorff_alpha(counts: NDArray[np.int64]) -> Number:
    """Krippendorff's alpha for names, of counts (T, K); trials may have different numbers of answers.

    Krippendorff (2004), Content Analysis, chapter 11: one less the disagreement within trials over that among
    all answers, both of pairs, leaving out trials with a single answer. Fleiss' (1971) table gives .433410.
    """
    paired = counts[counts.sum(axis=1) > 1]
    n = int(paired.sum())
    if not n:
        return Undefined("Alpha compares answers to the same trial with each other; no trial has two.")
    by_chance = Fraction(_squares(paired.sum(axis=0)) - n, n * (n - 1))
    if by_chance == 1:
        return Undefined(f"Alpha is undefined: {_ONE_CLASS}.")
    agreeing = ((paired**2).sum(axis=1) - paired.sum(axis=1)).tolist()
    answers = paired.sum(axis=1).tolist()
    within = sum((Fraction(a, m - 1) for a, m in zip(agreeing, answers, strict=True)), Fraction()) / n
    return float((within - by_chance) / (1 - by_chance))


def gwet_ac1(counts: NDArray[np.int64]) -> Number:
    """Gwet's AC1 of counts (T, K); trials may have different numbers of answers.

    Gwet (2008), British Journal of Mathematical and Statistical Psychology 61, 29-48; with missing answers as
    in his Handbook of Inter-Rater Reliability (2014), chapter 2. Agreement by chance stays moderate where
    nearly all answers fall into one class, which drives kappa to nought. Fleiss' (1971) table gives .44788.
    """
    answers = counts.sum(axis=1).tolist()
    if max(answers, default=0) < 2:
        return Undefined("AC1 compares answers to the same trial with each other; no trial has two.")
    squares = (counts**2).sum(axis=1).tolist()
    alike = [Fraction(s - m, m * (m - 1)) for s, m in zip(squares, answers, strict=True) if m > 1]
    agreement = sum(alike, Fraction()) / len(alike)
    rated = [(row, m) for row, m in zip(counts.tolist(), answers, strict=True) if m]
    columns = range(counts.shape[1])
    shares = [sum((Fraction(row[k], m) for row, m in rated), Fraction()) / len(rated) for k in columns]
    by_chance = sum((share * (1 - share) for share in shares), Fraction()) / (len(shares) - 1)
    return float((agreement - by_chance) / (1 - by_chance))


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
        return f"Kappa is undefined: {_ONE_CLASS}."
    return None
