"""Mutual information of two latents, from below: a critic learns on some pairs and is scored on others.

`between` takes pairs that are already divided (train, validation, test), `mutual_information` divides them.
What each number promises is told in `MutualInformation`; the bounds are those of `bounds`, the critic is
`critic.Critic`, trained on in-batch contrasts (InfoNCE, van den Oord et al. 2018).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor
from torch.nn.functional import cross_entropy

from synvae_core.errors import SynvaeError
from synvae_core.metrics import bounds
from synvae_core.metrics.bounds import Pairs
from synvae_core.metrics.critic import Critic
from synvae_core.metrics.finite import require_finite
from synvae_core.metrics.fitting import Schedule, Step, fit, unheard
from synvae_core.metrics.mine import PaperStyle, saturating_estimate

SCHEDULE = Schedule(epochs=30, batch=256, learning_rate=1e-3, weight_decay=1e-2, patience=5)
DRAWS = 200
CONFIDENCE = 0.95
FEWEST = 40  # pairs in each part
PAPER_PAIRS, PAPER_EPOCHS = 2000, 100
MOST_TEST = 10_000  # their scores with each other are 10^8
Array = NDArray[np.floating]


class TooFewPairs(SynvaeError):
    """Mutual information cannot be estimated from so few pairs."""


@dataclass(frozen=True)
class MutualInformation:
    """Lower bounds of I(X; Y) in nats, all from test pairs that the critic has not seen.

    donsker_varadhan  the estimate: E_P T - ln E_Q e^T, over true pairs and all unrelated ones
    interval          its 95 % bootstrap interval over test pairs, blind to what is too rare to be among them
    nwj, nwj_interval the same for the bound of Nguyen, Wainwright and Jordan, which is unbiased
    p_value           share of shuffles of y that give at least as much: small where x and y belong together
    shuffled          the largest Donsker-Varadhan value of a shuffle
    demine            DEMINE's bound: below I(X; Y) with 95 % confidence, whatever the law of the pairs
    demine_bernstein  the same promise by the scores' own variance, which is usually closer
    ceiling           no value of `donsker_varadhan` can be above it: twice the critic's bound
    pairs             how many pairs trained, chose the epoch, and were tested
    paper_style       the paper's own, saturating estimator, if it was asked for
    """

    donsker_varadhan: float
    interval: tuple[float, float]
    nwj: float
    nwj_interval: tuple[float, float]
    p_value: float
    shuffled: float
    demine: float
    demine_bernstein: float
    ceiling: float
    pairs: tuple[int, int, int]
    paper_style: PaperStyle | None = None


def mutual_information(
    x: Array,
    y: Array,
    *,
    paper_style: bool = False,
    schedule: Schedule = SCHEDULE,
    seed: int = 0,
    step: Step = unheard,
) -> MutualInformation:
    """I(X; Y) from below for x (N, D) and y (N, E): half of the rows train, a quarter chooses, one tests.

    `seed` draws the division and everything else. Raises TooFewPairs for N < 160, and NotFinite for x or y
    without numbers.
    """
    pairs = pairs_of(x, y)
    order = torch.randperm(pairs.rows, generator=Generator().manual_seed(seed))
    half, quarter = pairs.rows // 2, pairs.rows // 4
    parts = order.tensor_split([half, half + quarter])
    train, validation, test = (pairs.take(part) for part in parts)
    return between(train, validation, test, paper_style=paper_style, schedule=schedule, seed=seed, step=step)


def pairs_of(x: Array, y: Array) -> Pairs:
    """Rows that belong together, checked: (N, D) and (N, E)."""
    if len(x) != len(y) or np.ndim(x) != 2 or np.ndim(y) != 2:
        raise TooFewPairs(f"Pairs need two tables of as many rows, not {np.shape(x)} and {np.shape(y)}.")
    require_finite(x, "latents")
    require_finite(y, "latents")
    return Pairs(*(torch.from_numpy(np.ascontiguousarray(a, dtype=np.float32)) for a in (x, y)))


def between(
    train: Pairs,
    validation: Pairs,
    test: Pairs,
    *,
    paper_style: bool = False,
    schedule: Schedule = SCHEDULE,
    draws: int = DRAWS,
    seed: int = 0,
    step: Step = unheard,
) -> MutualInformation:
    """I(X; Y) from below for divided pairs. Of more than 10,000 test or validation pairs as many are drawn.

    `paper_style` adds the paper's estimator, on 2,000 of the test pairs. Raises TooFewPairs for a part of
    fewer than 40.
    """
    parts = tuple(part.rows for part in (train, validation, test))
    if min(parts) < FEWEST:
        raise TooFewPairs(
            f"Mutual information needs at least {FEWEST} pairs to train, to choose and to test; there are "
            f"{', '.join(map(str, parts))}: evaluate more images."
        )
    generator = Generator().manual_seed(seed)
    validation, test = (_at_most(part, MOST_TEST, generator) for part in (validation, test))
    critic = _trained(train, validation, schedule, seed, step)
    found = _measured(critic, (train, validation, test), draws, generator)
    if not paper_style:
        return found
    # A minute's worth: more pairs climb more slowly to the same ceiling.
    shown = Pairs(test.x[:PAPER_PAIRS], test.y[:PAPER_PAIRS])
    return replace(found, paper_style=saturating_estimate(shown, epochs=PAPER_EPOCHS, seed=seed, step=step))


def _at_most(pairs: Pairs, most: int, generator: Generator) -> Pairs:
    if pairs.rows <= most:
        return pairs
    return pairs.take(torch.randperm(pairs.rows, generator=generator)[:most])


def _trained(train: Pairs, validation: Pairs, schedule: Schedule, seed: int, step: Step) -> Critic:
    def loss(critic: Critic, chosen: Tensor) -> Tensor:
        scores, own = critic(train.x[chosen], train.y[chosen]), torch.arange(len(chosen))
        return (cross_entropy(scores, own) + cross_entropy(scores.T, own)) / 2

    def score(critic: Critic) -> float:
        return float(bounds.resampled(critic, validation, 0, Generator()).donsker_varadhan[0])

    return fit(lambda: Critic(train.x, train.y), loss, score, train.rows, schedule, seed=seed, step=step)


def _measured(
    critic: Critic, parts: tuple[Pairs, Pairs, Pairs], draws: int, generator: Generator
) -> MutualInformation:
    """All that test pairs say of a trained critic; validation pairs set what must be known before."""
    train, validation, test = parts
    level = math.log(bounds.resampled(critic, validation, 0, generator).unrelated[0])
    samples = bounds.resampled(critic, test, draws, generator)
    null = bounds.shuffled(critic, test, draws, generator).donsker_varadhan
    value, nwj = samples.donsker_varadhan, samples.nwj(level)
    known, new = (bounds.independent_scores(critic, pairs) for pairs in (validation, test))

    def assured(margin: bounds.Margin) -> float:
        return bounds.demine(new, bounds.best_clip(known, margin, CONFIDENCE), margin, CONFIDENCE)

    return MutualInformation(
        donsker_varadhan=float(value[0]),
        interval=_interval(value[1:]),
        nwj=float(nwj[0]),
        nwj_interval=_interval(nwj[1:]),
        p_value=float((1 + (null >= value[0]).sum()) / (1 + draws)),
        shuffled=float(null.max()),
        demine=assured(bounds.hoeffding),
        demine_bernstein=assured(bounds.bernstein),
        ceiling=2 * critic.bound,
        pairs=(train.rows, validation.rows, test.rows),
    )


def _interval(samples: NDArray[np.float64]) -> tuple[float, float]:
    low, high = np.quantile(samples, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
