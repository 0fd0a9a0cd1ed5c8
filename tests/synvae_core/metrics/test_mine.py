"""The paper's estimator: its formula, its ceiling, and that it climbs where nothing is shared."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator

from synvae_core.metrics.bounds import Pairs
from synvae_core.metrics.mine import MineNet, batch_value, saturating_estimate
from synvae_core.metrics.mutual_information import between
from tests.synvae_core.metrics.gaussians import gaussians


def pairs_of(x: np.ndarray, y: np.ndarray) -> Pairs:
    return Pairs(torch.from_numpy(x), torch.from_numpy(y))


def test_the_net_scores_a_pair_as_a_net_on_the_joined_pair_does() -> None:
    torch.manual_seed(0)
    net = MineNet(3, 2)
    x, y = torch.randn(5, 3), torch.randn(4, 2)
    joined = torch.cat([x[:, None].expand(5, 4, 3), y[None].expand(5, 4, 2)], dim=2)
    by_hand = net.last(torch.relu(net.second(torch.relu(net.first(joined))))).squeeze(-1)
    torch.testing.assert_close(net(x, y), by_hand)
    assert [tuple(p.shape) for p in net.parameters()] == [(128, 5), (128,), (64, 128), (64,), (1, 64), (1,)]


def test_the_value_of_a_batch_rolls_through_all_pairs_the_true_ones_included() -> None:
    scores = torch.randn(7, 7, generator=Generator().manual_seed(0))
    rolled = [scores[i, (i - shift) % 7] for shift in range(7) for i in range(7)]
    expected = scores.diagonal().mean() - torch.stack(rolled).exp().mean() + 1
    torch.testing.assert_close(batch_value(scores), expected)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 12), st.floats(-10, 10), st.floats(-10, 10))
def test_no_scores_whatever_pass_the_ceiling(batch: int, true: float, other: float) -> None:
    scores = torch.full((batch, batch), other, dtype=torch.float64)
    scores.fill_diagonal_(true)
    assert batch_value(scores) <= math.log(batch) + 1e-9


def test_the_ceiling_is_reached_by_the_best_scores() -> None:
    scores = torch.full((200, 200), -50.0, dtype=torch.float64).fill_diagonal_(math.log(200))
    assert float(batch_value(scores)) == pytest.approx(math.log(200))


def test_identical_latents_come_close_to_the_ceiling_of_their_batch() -> None:
    x, _ = gaussians(200, 4, 0.0)
    found = saturating_estimate(pairs_of(x, x), batch=10, epochs=60)
    assert found.ceiling == pytest.approx(math.log(10))
    assert 0.85 * math.log(10) < found.value < math.log(10)
    assert (found.batch, found.pairs, found.epochs) == (10, 200, 60)


def test_independent_latents_seem_to_share_much_and_held_out_nothing() -> None:
    x, y = gaussians(400, 32, 0.0)
    paper = saturating_estimate(pairs_of(x, y), batch=50, epochs=40)
    held_out = between(
        pairs_of(x[:240], y[:240]), pairs_of(x[240:320], y[240:320]), pairs_of(x[320:], y[320:])
    )
    assert paper.value > 1
    assert held_out.donsker_varadhan < 0.1


def test_pairs_beyond_the_last_whole_batch_are_left_out_and_few_pairs_are_one_batch() -> None:
    x, y = gaussians(70, 2, 1.0)
    done: list[int] = []
    assert saturating_estimate(pairs_of(x, y), batch=20, epochs=2, step=done.append).pairs == 60
    assert done == [20] * 6
    assert saturating_estimate(pairs_of(x, y), batch=200, epochs=1).batch == 70
    once = saturating_estimate(pairs_of(x, y), batch=20, epochs=3, seed=4)
    assert once == saturating_estimate(pairs_of(x, y), batch=20, epochs=3, seed=4)
