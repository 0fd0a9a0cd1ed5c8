"""One loop for each net that the metrics train: judges of pictures and melodies, critics of latents."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Generator, Tensor, nn

from synvae_core.errors import SynvaeError

Net = TypeVar("Net", bound=nn.Module)
Step = Callable[[int], object]  # called with the number of examples just done


def unheard(done: int) -> None:
    """A step that nobody watches."""


class NothingLearned(SynvaeError):
    """A metric's net could not be trained."""


@dataclass(frozen=True)
class Schedule:
    """How a metric's net is trained: Adam, its rate falling linearly to nothing over `epochs` epochs.

    Training ends early when `patience` epochs in a row were no better than the best one.
    """

    epochs: int
    batch: int = 200
    learning_rate: float = 1e-3
    weight_decay: float = 0.0
    patience: int = 5


def held_out(count: int, part: int, seed: int) -> tuple[Tensor, Tensor]:
    """Indices to learn from and one in `part` of all `count` to be scored by, drawn by `seed`."""
    order = torch.randperm(count, generator=Generator().manual_seed(seed))
    kept = max(1, count // part)
    return order[kept:], order[:kept]


def fit(
    build: Callable[[], Net],
    loss: Callable[[Net, Tensor], Tensor],
    score: Callable[[Net], float],
    examples: int,
    schedule: Schedule,
    *,
    seed: int = 0,
    step: Step = unheard,
) -> Net:
    """A net in the state of its best epoch: the one whose `score` on held-out data was highest.

    `loss` is that of the examples at indices (B,); each epoch sees all `examples` once, in an order drawn by
    `seed`, which also draws the first weights. `step` is told of each batch. Only whole batches are taken, so
    that a loss over the pairs within a batch always has as many. Raises NothingLearned when no epoch gave a
    number.
    """
    generator = Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = build()
        optimizer = torch.optim.AdamW(
            net.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay
        )
        batches = max(1, examples // schedule.batch)
        falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, schedule.epochs * batches)
        best, kept, since = -math.inf, copy.deepcopy(net.state_dict()), 0
        for _ in range(schedule.epochs):
            net.train()
            for chosen in torch.randperm(examples, generator=generator).split(schedule.batch)[:batches]:
                _one_step(loss(net, chosen), optimizer)
                falling.step()
                step(len(chosen))
            reached, since = _scored(net, score), since + 1
            if reached > best:
                best, kept, since = reached, copy.deepcopy(net.state_dict()), 0
            if since >= schedule.patience:
                break
    if best == -math.inf:
        raise NothingLearned(
            "A net of the evaluation learned nothing but numbers without end; look for such numbers in the "
            "model's latents, or try another seed."
        )
    net.load_state_dict(kept)
    return net.eval()


def _one_step(loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


@torch.no_grad()
def _scored(net: Net, score: Callable[[Net], float]) -> float:
    reached = score(net.eval())
    return reached if math.isfinite(reached) else -math.inf
