"""Spearman's rank correlation over trials, with a permutation p and an interval over people and items."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.intervals import LEVEL, Weights
from analysis.values import Interval, Number, Range, Undefined

PERMUTATIONS = 9999
FEWEST = 3  # trials that a correlation over trials needs
_CHUNK = 2_000_000  # floats held at once

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Correlation:
    """Spearman's rho over `trials`; p is two-sided; the interval speaks of new people and new trials."""

    rho: Number
    p: Number
    interval: Range
    trials: int


def correlate(
    correct: NDArray[np.bool_], answered: NDArray[np.bool_], difficulty: Floats, *, draws: int, seed: int
) -> Correlation:
    """How human accuracy per trial goes with `difficulty` (T,), from two (n, T) tables of answers.

    p: the share of permutations of the trials' difficulties with a rho as far from 0, (1 + as far) /
    (1 + drawn). Interval: people and trials are drawn with replacement, independently (Owen 2007), and rho is
    computed anew; draws in which one side does not vary have no rho and are left out.
    """
    T = len(difficulty)
    accuracy = correct.sum(axis=0) / answered.sum(axis=0)  # (T,)
    reason = _why_undefined(accuracy, difficulty)
    if reason:
        return Correlation(Undefined(reason), Undefined(reason), Undefined(reason), T)
    rho = float(_spearman(accuracy[None], difficulty[None])[0])
    rng = np.random.default_rng(seed)
    p = _permutation_p(accuracy, difficulty, abs(rho), rng)
    return Correlation(rho, p, _interval(correct, answered, difficulty, draws, rng), T)


def _why_undefined(accuracy: Floats, difficulty: Floats) -> str | None:
    if len(accuracy) < FEWEST:
        return f"A correlation over trials needs at least {FEWEST} trials; there are {len(accuracy)}."
    if np.ptp(accuracy) < 1e-12:
        return "All trials were answered equally well, so nothing goes with their difficulty."
    if np.ptp(difficulty) < 1e-12:
        return "All trials are equally difficult for this listener, so nothing goes with it."
    return None


def _permutation_p(accuracy: Floats, difficulty: Floats, seen: float, rng: np.random.Generator) -> float:
    shuffled = rng.permuted(np.tile(difficulty, (PERMUTATIONS, 1)), axis=1)
    drawn = np.abs(_spearman(np.tile(accuracy, (PERMUTATIONS, 1)), shuffled))
    return (1 + int((drawn >= seen - 1e-12).sum())) / (1 + PERMUTATIONS)


def _interval(
    correct: NDArray[np.bool_],
    answered: NDArray[np.bool_],
    difficulty: Floats,
    draws: int,
    rng: np.random.Generator,
) -> Range:
    n = len(answered)
    if n < 2:
        return Undefined("This interval resamples volunteers and needs two of them.")
    # Sorting makes the same draws fall on the same people, whatever the order or names of the sessions.
    rows = np.lexsort((correct.astype(int) + answered).T)
    right, given = correct[rows].astype(float), answered[rows].astype(float)
    step = max(1, _CHUNK // n)
    sizes = [min(step, draws - start) for start in range(0, draws, step)]
    found = np.concatenate([_drawn_rho(right, given, difficulty, size, rng) for size in sizes])
    found = found[~np.isnan(found)]
    if not found.size:
        return Undefined("No draw of volunteers and trials had a correlation; there are too few.")
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high), "crossed bootstrap over volunteers and trials", LEVEL)


def _drawn_rho(
    right: Weights, given: Weights, difficulty: Floats, draws: int, rng: np.random.Generator
) -> Floats:
    n, T = given.shape
    people = rng.multinomial(n, np.full(n, 1 / n), size=draws).astype(float)  # (B, n)
    seen = people @ given
    accuracy = np.divide(people @ right, seen, out=np.full((draws, T), np.nan), where=seen > 0)
    items = rng.integers(0, T, size=(draws, T))
    drawn = np.take_along_axis(accuracy, items, axis=1)
    found = _spearman(drawn, difficulty[items])
    return np.where(np.isnan(drawn).any(axis=1), np.nan, found)


def _spearman(x: Floats, y: Floats) -> Floats:
    """Rank correlation of each row of x (B, T) with that of y; nan where one side does not vary.

    Pearson's correlation of mid-ranks (Spearman 1904), as `scipy.stats.spearmanr` gives for one row.
    """
    from scipy.stats import rankdata

    a, b = rankdata(x, axis=1), rankdata(y, axis=1)
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    size = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    return np.asarray(np.divide((a * b).sum(axis=1), size, out=np.full(len(a), np.nan), where=size > 1e-9))
