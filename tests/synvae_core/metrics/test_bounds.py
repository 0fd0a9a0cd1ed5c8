"""The bounds against a plain table of all pairs, and DEMINE's promise against laws that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator, Tensor

from synvae_core.metrics import bounds
from synvae_core.metrics.bounds import Pairs, Scores, bernstein, best_clip, demine, hoeffding


def score(x: Tensor, y: Tensor) -> Tensor:
    """Any function of both."""
    return torch.tanh(x @ y.T + x[:, :1]) * 2


@pytest.fixture
def pairs() -> Pairs:
    generator = Generator().manual_seed(1)
    x = torch.randn(61, 3, generator=generator)
    return Pairs(x, x + torch.randn(61, 3, generator=generator))


def plain(table: np.ndarray, rows: np.ndarray) -> tuple[float, float]:
    """Mean of T over the sampled pairs, and of e^T over those of two different ones."""
    true = table[rows, rows].mean()
    odds = [np.exp(table[i, j]) for i in rows for j in rows if i != j]
    return float(true), float(np.mean(odds))


@pytest.mark.parametrize("table_size", [61 * 61, 61 * 7, 1])
def test_bootstrap_samples_are_those_of_a_plain_table_however_it_is_cut(
    pairs: Pairs, table_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "TABLE", table_size)
    table = score(pairs.x, pairs.y).double().numpy()
    found = bounds.resampled(score, pairs, 5, Generator().manual_seed(2))
    generator = Generator().manual_seed(2)
    drawn = [torch.randint(61, (61,), generator=generator).numpy() for _ in range(5)]
    expected = np.array([plain(table, rows) for rows in (np.arange(61), *drawn)])
    np.testing.assert_allclose(found.true, expected[:, 0], rtol=1e-5)
    np.testing.assert_allclose(found.unrelated, expected[:, 1], rtol=1e-5)
    np.testing.assert_allclose(found.donsker_varadhan, expected[:, 0] - np.log(expected[:, 1]), rtol=1e-4)
    np.testing.assert_allclose(
        found.nwj(0.5), expected[:, 0] + 0.5 - expected[:, 1] * math.exp(-0.5), rtol=1e-4
    )


@pytest.mark.parametrize("table_size", [61 * 61, 61 * 7])
def test_shuffles_pair_each_x_with_one_y_and_leave_the_others_unrelated(
    pairs: Pairs, table_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounds, "TABLE", table_size)
    table = score(pairs.x, pairs.y).double().numpy()
    found = bounds.shuffled(score, pairs, 4, Generator().manual_seed(3))
    generator = Generator().manual_seed(3)
    for row in range(4):
        order = torch.randperm(61, generator=generator).numpy()
        moved = table[:, order]
        true, unrelated = plain(moved, np.arange(61))
        assert found.true[row] == pytest.approx(true, rel=1e-5)
        assert found.unrelated[row] == pytest.approx(unrelated, rel=1e-5)


def test_the_nwj_bound_is_highest_at_the_level_of_its_own_pairs(pairs: Pairs) -> None:
    found = bounds.resampled(score, pairs, 0, Generator())
    level = math.log(found.unrelated[0])
    assert found.nwj(level)[0] == pytest.approx(found.donsker_varadhan[0])
    assert max(found.nwj(level + 0.1)[0], found.nwj(level - 0.1)[0]) < found.donsker_varadhan[0]


def test_scores_of_independent_pairs_share_no_row(pairs: Pairs) -> None:
    found, table = bounds.independent_scores(score, pairs), score(pairs.x, pairs.y).double().numpy()
    np.testing.assert_allclose(found.true, table.diagonal(), rtol=1e-5)
    np.testing.assert_allclose(found.unrelated, table[np.arange(30), 30 + np.arange(30)], rtol=1e-5)


def test_margins_are_those_of_the_theorems() -> None:
    values = np.tile([0.0, 1.0], 50)
    assert hoeffding(values, 1.0, 0.05) == pytest.approx(math.sqrt(math.log(20) / 200))
    variance, room = 100 / 99 / 4, math.log(40)
    expected = math.sqrt(2 * variance * room / 100) + 7 * room / (3 * 99)
    assert bernstein(values, 1.0, 0.05) == pytest.approx(expected)
    assert bernstein(np.zeros(10_000), 1.0, 0.05) < hoeffding(np.zeros(10_000), 1.0, 0.05) / 10


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(-4, 0), st.floats(0.5, 6))
def test_demine_is_below_the_plain_bound_of_the_same_clipped_scores(
    seed: int, low: float, width: float
) -> None:
    generator = np.random.default_rng(seed)
    scores = Scores(generator.normal(2, 1, 80), generator.normal(-2, 1, 40))
    clip = (low, low + width)
    plain = scores.true.clip(*clip).mean() - np.log(np.exp(scores.unrelated.clip(*clip)).mean())
    for margin in (hoeffding, bernstein):
        assert demine(scores, clip, margin, 0.95) < plain
        assert demine(scores, clip, margin, 0.99) < demine(scores, clip, margin, 0.95)


@pytest.mark.parametrize("margin", [hoeffding, bernstein])
def test_demine_keeps_its_promise_where_the_truth_is_known(margin: bounds.Margin) -> None:
    """x = y, one of four symbols: I = ln 4, and the best critic says ln 4 for equal symbols, little else."""
    generator, clip = np.random.default_rng(0), (-2.0, math.log(4))
    above = 0
    for _ in range(300):
        symbols = generator.integers(0, 4, 60)
        table = np.where(symbols[:, None] == symbols, clip[1], clip[0])
        scores = Scores(table.diagonal(), table[np.arange(30), 30 + np.arange(30)])
        above += demine(scores, clip, margin, 0.95) > math.log(4)
    assert above <= 0.05 * 300


def test_a_clip_is_chosen_that_gives_more_than_the_widest() -> None:
    generator = np.random.default_rng(0)
    scores = Scores(generator.normal(4, 2, 2000), generator.normal(-6, 2, 1000))
    for margin in (hoeffding, bernstein):
        clip = best_clip(scores, margin, 0.95)
        assert clip in bounds.CLIPS
        assert demine(scores, clip, margin, 0.95) > demine(scores, (-8.0, 8.0), margin, 0.95) + 1
