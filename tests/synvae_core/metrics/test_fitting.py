"""The loop that trains judges and critics: the best epoch wins, and a run without numbers is refused."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from synvae_core.metrics.fitting import NothingLearned, Schedule, fit, held_out


def line() -> nn.Linear:
    return nn.Linear(1, 1)


X = torch.linspace(-1, 1, 40).unsqueeze(1)


def loss(net: nn.Linear, chosen: Tensor) -> Tensor:
    off: Tensor = net(X[chosen]) - 3 * X[chosen]
    return off.square().mean()


def test_a_line_is_learned() -> None:
    net = fit(line, loss, lambda net: -float(loss(net, torch.arange(40))), 40, Schedule(60, 8, 0.1))
    assert float(net.weight.detach()) == pytest.approx(3, abs=0.05)
    assert not net.training


def test_the_best_epoch_is_kept_and_patience_ends_the_rest() -> None:
    scores, seen = iter([1.0, 5.0, 2.0, 3.0, 4.0]), []

    def score(net: nn.Linear) -> float:
        seen.append(net.weight.detach().clone())
        return next(scores)

    done: list[int] = []
    net = fit(line, loss, score, 40, Schedule(epochs=9, batch=10, patience=3), step=done.append)
    assert len(seen) == 5
    assert torch.equal(net.weight, seen[1])
    assert sum(done) == 5 * 40


def test_only_whole_batches_are_taken_but_few_examples_are_one() -> None:
    sizes: list[int] = []

    def watched(net: nn.Linear, chosen: Tensor) -> Tensor:
        sizes.append(len(chosen))
        return loss(net, chosen)

    fit(line, watched, lambda net: 0.0, 25, Schedule(epochs=1, batch=10))
    fit(line, watched, lambda net: 0.0, 7, Schedule(epochs=1, batch=10))
    assert sizes == [10, 10, 7]


def test_scores_that_are_no_numbers_never_win() -> None:
    scores = iter([math.nan, 0.0, math.inf])
    net = fit(line, loss, lambda net: next(scores), 40, Schedule(epochs=3, batch=10))
    assert torch.isfinite(net.weight).all()
    with pytest.raises(NothingLearned, match="try another seed"):
        fit(line, loss, lambda net: math.nan, 40, Schedule(epochs=3, batch=10))


def test_examples_to_learn_from_and_to_be_scored_by_are_apart() -> None:
    inside, outside = held_out(53, 10, seed=1)
    assert sorted([*inside.tolist(), *outside.tolist()]) == list(range(53))
    assert len(outside) == 5
    assert torch.equal(held_out(53, 10, seed=1)[1], outside)
    assert len(held_out(3, 10, seed=1)[1]) == 1
