"""The two listeners: the model by its own latents, and a naive one by what anybody hears at once.

Both learn from the examples of a study alone, as volunteers do, and give each option a probability.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RIDGE = 1.0  # a standard normal prior on each weight of the naive listener
_FREE = 1e-6  # of the intercepts: next to none, yet enough for one optimum
_STEEPEST = 1e6  # no distance between latents is told apart more sharply than this


def softmax(values: Floats) -> Floats:
    """Probabilities (..., k) of scores (..., k)."""
    raised = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def by_distance(distances: Floats, sharpness: float) -> Floats:
    """The model's confidence in each option, from the distances (..., k) of the clip to the pictures.

    p_j = exp(-s d_j) / sum_i exp(-s d_i): the nearest picture is its choice, whatever the sharpness s.
    """
    return softmax(-sharpness * np.asarray(distances, dtype=float))


def fit_sharpness(sets: Floats, examples: int) -> float:
    """The sharpness that makes `by_distance` speak most truly of option sets (S, k) whose first is true.

    Maximum likelihood with Platt's smoothed targets (1999, Advances in Large Margin Classifiers, 61-74):
    with N examples the true option is given (N + 1) / (N + k) instead of 1, so that examples which are all
    right do not make the listener infinitely sure. Never below 0.
    """
    S, k = sets.shape
    target = np.full(k, 1 / (examples + k))
    target[0] = (examples + 1) / (examples + k)

    def slope(sharpness: float) -> float:  # of the log-likelihood, which is concave in the sharpness
        return float(((by_distance(sets, sharpness) - target) * sets).sum() / S)

    if slope(0.0) <= 0 or not np.ptp(sets, axis=1).any():
        return 0.0
    low, high = 0.0, 1.0
    while slope(high) > 0 and high < _STEEPEST:
        low, high = high, 2 * high
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2


def example_sets(distances: Floats, classes: NDArray[np.int64]) -> Floats:
    """Option sets (S, k) out of examples: the own picture first, then one of each other class.

    distances (N, N) from the clip of example i to the picture of example j; classes (N,). Each clip meets
    the pictures of every other class in turn, the n-th of each together.
    """
    names = np.unique(classes)
    members = [np.flatnonzero(classes == name) for name in names]
    fewest = min(len(rows) for rows in members)
    sets = [
        [distances[clip, clip], *(distances[clip, rows[turn]] for rows in members if classes[rows[0]] != of)]
        for clip, of in enumerate(classes)
        for turn in range(fewest)
    ]
    return np.array(sets, dtype=float)


@dataclass(frozen=True, eq=False)
class Naive:
    """A trained naive listener: means and scales (F,) of features, weights (K, F + 1), the intercept last."""

    mean: Floats
    scale: Floats
    weights: Floats

    def probabilities(self, features: Floats) -> Floats:
        """How far it believes in each class (N, K), from features (N, F), nan where missing."""
        return softmax(_inputs(features, self.mean, self.scale) @ self.weights.T)


def learn(features: Floats, classes: NDArray[np.int64], K: int, ridge: float = RIDGE) -> Naive:
    """Train the naive listener on examples: features (N, F), classes (N,) below K.

    Multinomial logistic regression on standardised features with a ridge (half the squared weights times
    `ridge` beside the negative log-likelihood; intercepts are free). A feature that is the same in all
    examples says nothing and is left out; one that is missing (nan) counts as average. The optimum is
    unique, found by Newton's method (Hastie, Tibshirani & Friedman 2009, section 4.4).
    """
    heard = np.isfinite(features)
    counts = heard.sum(axis=0)
    known = np.where(heard, features, 0.0)
    mean = np.divide(known.sum(axis=0), counts, out=np.zeros(features.shape[1]), where=counts > 0)
    gaps = np.where(heard, features - mean, 0.0)
    scale = np.sqrt(np.divide((gaps**2).sum(axis=0), counts, out=np.zeros(len(mean)), where=counts > 0))
    x = _inputs(features, mean, scale)
    penalty = np.full(x.shape[1], ridge)
    penalty[-1] = _FREE
    return Naive(mean, scale, _fitted(x, np.eye(K)[classes], penalty))


def _inputs(features: Floats, mean: Floats, scale: Floats) -> Floats:
    """(N, F) less the mean in units of the scale, 0 where missing or without scale; a 1 for the intercept."""
    usable = np.isfinite(features) & (scale > 1e-9)
    standard = np.divide(features - mean, scale, out=np.zeros(features.shape), where=usable)
    return np.column_stack([standard, np.ones(len(features))])


def _fitted(x: Floats, truth: Floats, penalty: Floats) -> Floats:
    """Weights (K, F) of least penalised loss for x (N, F), one-hot truth (N, K) and penalty (F,)."""
    K, F = truth.shape[1], x.shape[1]
    weights = np.zeros((K, F))
    for _ in range(100):
        p = softmax(x @ weights.T)
        gradient = (p - truth).T @ x + penalty * weights
        if np.abs(gradient).max() < 1e-10:
            break
        spread = np.einsum("nk,kl->nkl", p, np.eye(K)) - np.einsum("nk,nl->nkl", p, p)
        hessian = np.einsum("nkl,nf,ng->kflg", spread, x, x).reshape(K * F, K * F)
        hessian += np.diag(np.tile(penalty, K))
        step = np.linalg.solve(hessian, gradient.ravel()).reshape(K, F)
        size = 1.0
        now = _loss(x, truth, weights, penalty)
        while size > 1e-6 and _loss(x, truth, weights - size * step, penalty) > now:
            size /= 2
        weights = weights - size * step
    return weights


def _loss(x: Floats, truth: Floats, weights: Floats, penalty: Floats) -> float:
    scores = x @ weights.T
    top = scores.max(axis=1)
    normaliser = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
    return float((normaliser - (scores * truth).sum(axis=1)).sum() + (penalty * weights**2).sum() / 2)
