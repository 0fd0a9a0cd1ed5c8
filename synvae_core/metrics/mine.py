"""The estimator behind the paper's column MI, as its code has it: shown so labelled, since it saturates.

MINE (Belghazi et al. 2018) in the form of Nguyen, Wainwright and Jordan, mean T(true) - mean e^T + 1, where
the mean of e^T runs over all B^2 pairs of a batch: the B true pairs are among the "unrelated" ones. Whatever
x and y have in common, a batch then gives at most max_t (t - e^t / B) + 1 = ln B. And the value is that of
the very pairs on which the net is being trained, so it climbs for independent x and y as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from synvae_core.metrics.bounds import Pairs
from synvae_core.metrics.fitting import Step, unheard
from synvae_core.visvae import keras_init

HIDDEN = (128, 64)


@dataclass(frozen=True)
class PaperStyle:
    """The paper's number for these pairs: `value` nats of at most `ceiling` = ln `batch`."""

    value: float
    ceiling: float
    batch: int
    epochs: int
    pairs: int


class MineNet(nn.Module):
    """T of all pairs: x (B, D), y (C, E) -> (B, C); concatenation, dense 128, dense 64, dense 1."""

    def __init__(self, x_size: int, y_size: int) -> None:
        super().__init__()
        self.first = nn.Linear(x_size + y_size, HIDDEN[0])
        self.second, self.last = nn.Linear(*HIDDEN), nn.Linear(HIDDEN[1], 1)
        self.apply(keras_init)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        # The first layer is linear in each, so that each is multiplied once and not once a pair.
        of_x, of_y = self.first.weight.split([x.shape[1], y.shape[1]], dim=1)
        hidden = (x @ of_x.T).unsqueeze(1) + (y @ of_y.T).unsqueeze(0) + self.first.bias  # (B, C, 128)
        return self.last(self.second(hidden.relu()).relu()).squeeze(-1)


def batch_value(scores: Tensor) -> Tensor:
    """mean T(true) - mean e^T + 1 of scores (B, B) with the true pairs on the diagonal, and in both means."""
    return scores.diagonal().mean() - scores.exp().mean() + 1


def saturating_estimate(
    pairs: Pairs, *, batch: int = 200, epochs: int = 100, seed: int = 0, step: Step = unheard
) -> PaperStyle:
    """Trains on `pairs` in their given order and returns the last epoch's mean value, as the original does.

    Adam at 1e-3; pairs beyond the last whole batch are left out. `step` is told of each batch.
    """
    batch = min(batch, pairs.rows)
    batches = pairs.rows // batch
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = MineNet(pairs.x.shape[1], pairs.y.shape[1])
    optimizer, values = torch.optim.Adam(net.parameters(), lr=1e-3), [math.nan]
    for _ in range(epochs):
        values = []
        for x, y in zip(pairs.x.split(batch)[:batches], pairs.y.split(batch)[:batches], strict=True):
            value = batch_value(net(x, y))
            optimizer.zero_grad(set_to_none=True)
            (-value).backward()
            optimizer.step()
            values.append(float(value.detach()))
            step(batch)
    return PaperStyle(sum(values) / len(values), math.log(batch), batch, epochs, batch * batches)
