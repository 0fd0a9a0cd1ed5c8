"""Lower bounds of mutual information from the scores of a critic on pairs that it has never seen.

T is the critic, P the law of true pairs (x_i, y_i), Q that of unrelated ones (x_i, y_j), i != j. For every
fixed T, in nats:

Donsker-Varadhan (1983)          E_P T - ln E_Q e^T                    <= I(X; Y)
Nguyen, Wainwright, Jordan 2010  E_P T - E_Q e^(T - 1)                 <= I(X; Y)
DEMINE (Lin et al. 2019)         mean_P T - e_1 - ln(mean_Q e^T + e_2) <= I(X; Y), with confidence

The first two average over all m (m - 1) unrelated pairs of m test pairs, some rows at a time and never held
together. The third needs terms that are independent, and takes m / 2 unrelated pairs that share nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

TABLE = 4_000_000  # scores held at once
CLIPS = tuple((0.5 * high - width, 0.5 * high) for high in range(-12, 17) for width in range(1, 15))
Score = Callable[[Tensor, Tensor], Tensor]  # x (B, D), y (C, E) -> (B, C)
Floats = NDArray[np.float64]


class Pairs(NamedTuple):
    """Row i of x (N, D) belongs to row i of y (N, E)."""

    x: Tensor
    y: Tensor

    @property
    def rows(self) -> int:
        """N."""
        return len(self.x)

    def take(self, rows: Tensor) -> Pairs:
        """The pairs at the indices `rows`."""
        return Pairs(self.x[rows], self.y[rows])


class Tally(NamedTuple):
    """What bounds are made of, once for each way of counting the pairs."""

    true: Floats  # (R,) mean of T over true pairs
    unrelated: Floats  # (R,) mean of e^T over unrelated ones

    @property
    def donsker_varadhan(self) -> Floats:
        """(R,) nats."""
        return self.true - np.log(self.unrelated)

    def nwj(self, level: float) -> Floats:
        """(R,) nats, of T + 1 - level: highest when `level`, known beforehand, is ln E_Q e^T."""
        return self.true - level + 1 - self.unrelated * math.exp(-level)


def _rows_of_scores(score: Score, pairs: Pairs) -> Iterator[tuple[Tensor, Tensor]]:
    """Indices (B,) and their scores with every y (B, m), part by part."""
    for part in torch.arange(pairs.rows).split(max(1, TABLE // pairs.rows)):
        yield part, score(pairs.x[part], pairs.y)


@torch.no_grad()
def resampled(score: Score, pairs: Pairs, draws: int, generator: Generator) -> Tally:
    """The pairs as they are (item 0) and in `draws` bootstrap samples of them: R = 1 + draws.

    Two copies of one pair in a sample are no unrelated pair: only those with i != j count.
    """
    weights = _bootstrap_weights(pairs.rows, draws, generator)  # (R, m)
    true, unrelated = (torch.zeros(len(weights), dtype=torch.float64) for _ in range(2))
    for part, scores in _rows_of_scores(score, pairs):
        own = torch.arange(len(part)), part
        true += weights[:, part].double() @ scores[own].double()
        odds = scores.exp()
        odds[own] = 0
        unrelated += ((weights[:, part] @ odds) * weights).double().sum(dim=1)
    others = pairs.rows**2 - weights.double().square().sum(dim=1)
    return Tally((true / pairs.rows).numpy(), (unrelated / others).numpy())


def _bootstrap_weights(count: int, draws: int, generator: Generator) -> Tensor:
    """How often each of `count` pairs is in each sample, (1 + draws, count); row 0 has each once."""
    rows = [torch.ones(count)]
    for _ in range(draws):
        chosen = torch.randint(count, (count,), generator=generator)
        rows.append(torch.bincount(chosen, minlength=count).float())
    return torch.stack(rows)


@torch.no_grad()
def shuffled(score: Score, pairs: Pairs, draws: int, generator: Generator) -> Tally:
    """The same for shuffled y, R = draws: what the critic finds where nothing belongs together."""
    m = pairs.rows
    orders = torch.stack([torch.randperm(m, generator=generator) for _ in range(draws)])  # (R, m)
    true, odds, total = (torch.zeros(draws, dtype=torch.float64) for _ in range(3))
    for part, scores in _rows_of_scores(score, pairs):
        paired = scores[torch.arange(len(part)), orders[:, part]].double()  # (R, B)
        true += paired.sum(dim=1)
        odds += paired.exp().sum(dim=1)
        total += scores.exp().double().sum()
    return Tally((true / m).numpy(), ((total - odds) / (m * (m - 1))).numpy())


class Scores(NamedTuple):
    """Scores of independent pairs."""

    true: Floats  # (m,)
    unrelated: Floats  # (m / 2,) of pairs that share nothing


@torch.no_grad()
def independent_scores(score: Score, pairs: Pairs) -> Scores:
    """T of every true pair, and of x_i with the y that lies half of the pairs further."""
    half = pairs.rows // 2
    true = [score(x, y).diagonal() for x, y in zip(pairs.x.split(1000), pairs.y.split(1000), strict=True)]
    moved = zip(pairs.x[:half].split(1000), pairs.y[half : 2 * half].split(1000), strict=True)
    unrelated = [score(x, y).diagonal() for x, y in moved]
    return Scores(torch.cat(true).double().numpy(), torch.cat(unrelated).double().numpy())


Margin = Callable[[Floats, float, float], float]  # values (n,) within a range, its width, chance to fail


def hoeffding(values: Floats, width: float, failing: float) -> float:
    """How far the mean of n values within a range of `width` may lie off (Hoeffding 1963, theorem 2)."""
    return width * math.sqrt(math.log(1 / failing) / (2 * len(values)))


def bernstein(values: Floats, width: float, failing: float) -> float:
    """The same from the values' own variance (Maurer and Pontil 2009, theorem 4): less where it is low."""
    room, n = math.log(2 / failing), len(values)
    return math.sqrt(2 * values.var(ddof=1) * room / n) + 7 * width * room / (3 * (n - 1))


def demine(scores: Scores, clip: tuple[float, float], margin: Margin, confidence: float) -> float:
    """DEMINE's bound for scores cut to `clip`, which must not have been chosen by these scores.

    Each of its two means may fail with half of 1 - confidence.
    """
    failing, (low, high) = (1 - confidence) / 2, clip
    true, odds = scores.true.clip(low, high), np.exp(scores.unrelated.clip(low, high))
    first = margin(true, high - low, failing)
    second = margin(odds, math.exp(high) - math.exp(low), failing)
    return float(true.mean() - first - math.log(odds.mean() + second))


def best_clip(scores: Scores, margin: Margin, confidence: float) -> tuple[float, float]:
    """The range that gives the highest bound on pairs kept for choosing: a narrow one has small margins."""
    return max(CLIPS, key=lambda clip: demine(scores, clip, margin, confidence))
