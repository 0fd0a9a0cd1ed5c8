"""Confidence intervals of accuracy: over people and items, over people only, and of one trial."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.values import Interval, Range, Undefined

LEVEL = 0.95
DRAWS = 1000
SEED = 1

Flags = NDArray[np.bool_]
Weights = NDArray[np.float64]

# Resampled people are held as (draws, people) floats; this many of them stay near 16 MB.
CHUNK = 2_000_000


def wilson(correct: int, n: int, level: float = LEVEL) -> Range:
    """Wilson's score interval for `correct` of `n` answers (Wilson 1927, JASA 22, 209-212)."""
    if n == 0:
        return Undefined("There are no answers to take a share of.")
    from statsmodels.stats.proportion import proportion_confint  # slow to load, so only when asked for

    low, high = proportion_confint(correct, n, alpha=1 - level, method="wilson")
    # At the ends the formula gives 0 and 1 but for rounding.
    low, high = (0.0 if correct == 0 else float(low)), (1.0 if correct == n else float(high))
    return Interval(low, high, "Wilson score", level)


def t_interval(accuracies: NDArray[np.float64], level: float = LEVEL) -> Range:
    """Student's t interval of the mean of (n,) accuracies: new people, these very trials; cut at 0 and 1."""
    n = len(accuracies)
    if n < 2:
        return Undefined("An interval over volunteers needs at least two volunteers.")
    if np.ptp(accuracies) == 0:
        return Undefined("All volunteers have the same accuracy, so their spread gives no interval.")
    half = float(stdtrit(n - 1, (1 + level) / 2) * accuracies.std(ddof=1) / np.sqrt(n))
    mean = float(accuracies.mean())
    return Interval(max(0.0, mean - half), min(1.0, mean + half), "t over volunteers", level)


def crossed_bootstrap(
    correct: Flags, answered: Flags, *, draws: int = DRAWS, seed: int = SEED, level: float = LEVEL
) -> Range:
    """Percentile interval of mean accuracy over new people and new items, from two (n, T) tables.

    People and items are drawn with replacement, independently of each other, and an answer weighs as often
    as both its person and its item were drawn (the pigeonhole bootstrap: Owen 2007, Annals of Applied
    Statistics 1, 386-411). An interval that resamples one of the two alone is too narrow for a study that
    speaks about both (Clark 1973). Slightly conservative.
    """
    n, T = answered.shape
    if n < 2 or T < 2:
        return Undefined(
            f"This interval resamples volunteers and trials and needs two of each; there are {n} and {T}."
        )
    if np.all(correct == answered) or not correct.any():
        return Undefined("All answers are right or all are wrong, so resampling them shows no spread.")
    # Sorting makes the same draws fall on the same people, whatever the order or names of the sessions.
    rows = np.lexsort((correct.astype(int) + answered).T)
    means = _resampled(
        correct[rows].astype(float), answered[rows].astype(float), draws, np.random.default_rng(seed)
    )
    if not means.size:
        return Undefined("No draw had an answer of a drawn volunteer to a drawn trial; draw more often.")
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), "crossed bootstrap over volunteers and trials", level)


def weighted_accuracy(correct: Weights, answered: Weights, people: Weights, items: Weights) -> Weights:
    """Mean over people of their accuracy over items, per draw: (n, T), (n, T), (B, n), (B, T) -> (B,).

    A person none of whose answered items is drawn leaves the mean of that draw; a draw without anyone is nan.
    """
    right, seen = items @ correct.T, items @ answered.T  # (B, n)
    accuracy = np.divide(right, seen, out=np.zeros_like(right), where=seen > 0)
    weight = people * (seen > 0)
    total = weight.sum(axis=1)
    means = np.full(len(total), np.nan)
    return np.asarray(np.divide((weight * accuracy).sum(axis=1), total, out=means, where=total > 0))


def _resampled(correct: Weights, answered: Weights, draws: int, rng: np.random.Generator) -> Weights:
    means = [
        weighted_accuracy(correct, answered, *both) for both in crossed_draws(answered.shape, draws, rng)
    ]
    return np.concatenate([mean[~np.isnan(mean)] for mean in means])


def crossed_draws(
    shape: tuple[int, ...], draws: int, rng: np.random.Generator
) -> Iterator[tuple[Weights, Weights]]:
    """How often each of n people and T items is drawn, (B, n) and (B, T), some draws at a time."""
    n, T = shape
    step = max(1, CHUNK // n)
    for start in range(0, draws, step):
        size = min(step, draws - start)
        yield drawn(rng, size, n), drawn(rng, size, T)


def drawn(rng: np.random.Generator, draws: int, n: int) -> Weights:
    """How often each of n things is drawn in n draws with replacement, (draws, n)."""
    picks = rng.integers(0, n, size=(draws, n)) + n * np.arange(draws)[:, None]
    return np.bincount(picks.ravel(), minlength=draws * n).reshape(draws, n).astype(float)
