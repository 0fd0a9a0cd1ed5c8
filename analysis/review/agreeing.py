"""Coefficients of agreement with intervals over volunteers and trials."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.agreement import gwet_ac1, krippendorff_alpha
from analysis.intervals import LEVEL, crossed_draws, drawn
from analysis.matrix import AnswerMatrix
from analysis.review.sections import Agreement, Coefficient
from analysis.summary import Bootstrap
from analysis.values import Interval, Number, Range, Undefined

Floats = NDArray[np.float64]


def agreement(matrix: AnswerMatrix, kappa: Number, bootstrap: Bootstrap) -> Agreement:
    """Kappa (already computed), alpha and AC1, each with both intervals."""
    counts = matrix.counts()
    values = (kappa, krippendorff_alpha(counts), gwet_ac1(counts))
    both, over_trials = _resampled(matrix, bootstrap), resampled_trials(counts, bootstrap)
    names = ("volunteers and trials", "trials")
    return Agreement(
        *(
            Coefficient(
                value, _interval(value, both[:, k], names[0]), _interval(value, over_trials[:, k], names[1])
            )
            for k, value in enumerate(values)
        )
    )


def _interval(value: Number, draws: Floats, over: str) -> Range:
    if isinstance(value, Undefined):
        return value
    defined = draws[np.isfinite(draws)]
    if not len(defined):
        return Undefined("No draw had two volunteers and two classes to compare; there is no interval.")
    if np.ptp(defined) < 1e-12:
        return Undefined("Every draw agrees to the same degree, so resampling shows no spread.")
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high), f"bootstrap over {over}", LEVEL)


def resampled_trials(counts: NDArray[np.int64], bootstrap: Bootstrap) -> Floats:
    """(B, 3) kappa, alpha and AC1 of counts (T, K) when trials are drawn with replacement."""
    if not len(counts):
        return np.empty((0, 3))
    items = drawn(np.random.default_rng(bootstrap.seed), bootstrap.draws, len(counts))
    return _coefficients(_Draws(counts[None].astype(float), counts.sum(axis=1)[None].astype(float), items))


def _resampled(matrix: AnswerMatrix, bootstrap: Bootstrap) -> Floats:
    """(B, 3) of the same when volunteers are drawn as well, independently (the pigeonhole bootstrap)."""
    n, T = matrix.choice.shape
    K = len(matrix.classes)
    rows = _in_order(matrix)
    chosen = (matrix.choice[rows][:, :, None] == np.arange(K)).reshape(n, T * K).astype(float)
    answered = matrix.answered[rows].astype(float)
    rng = np.random.default_rng(bootstrap.seed)
    found = []
    for people, items in crossed_draws((n, T), bootstrap.draws, rng):
        counts = (people @ chosen).reshape(len(people), T, K)
        found.append(_coefficients(_Draws(counts, people**2 @ answered, items)))
    return np.concatenate(found)


def _in_order(matrix: AnswerMatrix) -> NDArray[np.int64]:
    """The same order of volunteers however their answers, or the classes, were stored."""
    by_name = np.array(sorted(range(len(matrix.sessions)), key=matrix.sessions.__getitem__))
    how_right = (matrix.correct.astype(int) + matrix.answered)[by_name]
    return np.asarray(by_name[np.lexsort(how_right.T)])


@dataclass(frozen=True)
class _Draws:
    """B draws at once.

    counts (B or 1, T, K)  how often each class was chosen, by the volunteers drawn
    selves (B or 1, T)     pairs that are one answer with itself: who was drawn w times makes w^2 of them, and
                           they are no agreement between people
    items  (B, T)          how often each trial was drawn
    """

    counts: Floats
    selves: Floats
    items: Floats


def _coefficients(draws: _Draws) -> Floats:
    """(B, 3): Fleiss' kappa, Krippendorff's alpha, Gwet's AC1; nan where a draw has none."""
    answers = draws.counts.sum(axis=2)  # (B, T)
    pairs = answers**2 - draws.selves
    agreeing = (draws.counts**2).sum(axis=2) - draws.selves
    paired = draws.items * (pairs > 0)
    share = _over(agreeing, pairs)  # agreeing pairs, by trial
    within = _over((paired * share).sum(axis=1), paired.sum(axis=1))
    chosen = (draws.items[:, :, None] * draws.counts).sum(axis=1)  # (B, K)
    kappa_chance = (_over(chosen, chosen.sum(axis=1, keepdims=True)) ** 2).sum(axis=1)
    weighed = paired * answers
    n = weighed.sum(axis=1)
    in_pairs = (paired[:, :, None] * draws.counts).sum(axis=1)
    alpha_chance = _over((in_pairs**2).sum(axis=1) - n, n * (n - 1))
    rated = draws.items * (answers > 0)
    shares = _over(draws.counts, answers[:, :, None])  # (B or 1, T, K)
    classes = _over((rated[:, :, None] * shares).sum(axis=1), rated.sum(axis=1)[:, None])
    ac1_chance = (classes * (1 - classes)).sum(axis=1) / (classes.shape[1] - 1)
    return np.stack(
        [
            _beyond(within, kappa_chance, n),
            _beyond(_over((weighed * share).sum(axis=1), n), alpha_chance, n),
            _beyond(within, ac1_chance, n),
        ],
        axis=1,
    )


def _beyond(agreement: Floats, by_chance: Floats, n: Floats) -> Floats:
    """(agreement - chance) / (1 - chance), nan without pairs or where chance agrees completely."""
    there = (n > 0) & (by_chance < 1 - 1e-12)
    return np.asarray(np.where(there, _over(agreement - by_chance, 1 - by_chance), np.nan))


def _over(one: Floats, other: Floats) -> Floats:
    """one / other, and 0 where there is nothing to divide by."""
    one, other = np.broadcast_arrays(one, other)
    return np.divide(one, other, out=np.zeros(one.shape), where=np.abs(other) > 1e-12)
