"""Held-out mutual information against closed forms: never above the truth, nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from synvae_core.metrics.bounds import Pairs
from synvae_core.metrics.finite import NotFinite
from synvae_core.metrics.mutual_information import TooFewPairs, between, mutual_information, pairs_of
from tests.synvae_core.metrics.gaussians import gaussians


@pytest.mark.parametrize("nats", [1.0, 2.0, 5.0])
def test_gaussians_are_found_from_below(nats: float) -> None:
    found = mutual_information(*gaussians(3000, 5, nats))
    low, high = found.interval
    assert low <= found.donsker_varadhan <= high
    assert low <= nats
    assert found.donsker_varadhan >= 0.8 * nats
    assert found.nwj_interval[0] <= nats
    assert 0.25 * nats < found.demine < nats
    assert 0.25 * nats < found.demine_bernstein < nats
    assert found.p_value == 1 / 201
    assert found.shuffled < 0
    assert found.pairs == (1500, 750, 750)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_where_nothing_is_shared_nothing_is_found(seed: int) -> None:
    found = mutual_information(*gaussians(1200, 5, 0.0, seed), seed=seed)
    assert found.donsker_varadhan <= 0.1
    assert found.nwj <= 0.1
    assert found.demine < 0
    assert found.demine_bernstein < 0
    assert found.p_value > 0.01


def test_many_dimensions_of_noise_do_not_make_information() -> None:
    x, y = gaussians(1200, 4, 0.0, noise=124)
    assert mutual_information(x, y).donsker_varadhan <= 0.1


def test_noise_around_it_does_not_hide_what_is_shared() -> None:
    found = mutual_information(*gaussians(3000, 4, 3.0, noise=60))
    assert found.donsker_varadhan > 1.5
    assert found.interval[0] <= 3.0


def test_what_is_no_line_is_found_as_well() -> None:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((4000, 2)).astype(np.float32)
    y = (np.abs(x) + 0.3 * generator.standard_normal((4000, 2))).astype(np.float32)
    assert mutual_information(x, y).donsker_varadhan > 0.8  # no correlation tells it: E x |x| = 0


def test_a_scale_or_a_shift_of_either_side_changes_little() -> None:
    x, y = gaussians(1600, 3, 2.0)
    plain, moved = mutual_information(x, y), mutual_information(1000 * x + 7, y / 100)
    assert moved.donsker_varadhan == pytest.approx(plain.donsker_varadhan, abs=0.05)


def test_dimensions_that_never_move_are_no_trouble() -> None:
    x, y = gaussians(1600, 3, 2.0)
    still = np.ones((1600, 5), dtype=np.float32)
    found = mutual_information(np.hstack([x, still]), np.hstack([y, 0 * still]))
    assert 1.5 < found.donsker_varadhan < 2.5
    assert mutual_information(still, still).donsker_varadhan == pytest.approx(0, abs=1e-3)


def test_the_same_seed_gives_the_same_numbers_and_another_does_not() -> None:
    x, y = gaussians(600, 2, 1.0)
    once = mutual_information(x, y, seed=3)
    assert mutual_information(x, y, seed=3) == once
    assert mutual_information(x, y, seed=4) != once


def test_training_leaves_the_world_s_random_numbers_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    mutual_information(*gaussians(400, 2, 1.0))
    assert torch.equal(torch.rand(1), expected)


def test_the_paper_s_way_is_added_only_when_asked_for() -> None:
    x, y = gaussians(400, 2, 1.0)
    assert mutual_information(x, y).paper_style is None
    shown = mutual_information(x, y, paper_style=True).paper_style
    assert shown is not None
    assert (shown.batch, shown.pairs, shown.epochs) == (100, 100, 100)
    assert shown.value < shown.ceiling == pytest.approx(np.log(100))


def test_progress_counts_no_more_than_was_announced() -> None:
    done: list[int] = []
    mutual_information(*gaussians(800, 2, 1.0), step=done.append)
    assert 0 < sum(done) <= 30 * 400


def test_too_few_pairs_and_numbers_that_are_none_are_refused() -> None:
    x, y = gaussians(100, 2, 1.0)
    with pytest.raises(TooFewPairs, match="there are 50, 25, 25: evaluate more images"):
        mutual_information(x, y)
    with pytest.raises(TooFewPairs, match=r"not \(100, 2\) and \(99, 2\)"):
        pairs_of(x, y[:-1])
    with pytest.raises(NotFinite, match="latents are not all finite numbers"):
        mutual_information(np.where(x > 2, np.nan, x), y)
    with pytest.raises(NotFinite, match="latents are not all finite numbers"):
        mutual_information(x, np.full_like(y, np.inf))


def test_of_many_test_pairs_as_many_as_can_be_compared_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synvae_core.metrics.mutual_information.MOST_TEST", 100)
    x, y = (torch.from_numpy(a) for a in gaussians(900, 2, 1.0))
    parts = [Pairs(x[rows], y[rows]) for rows in (slice(0, 300), slice(300, 600), slice(600, 900))]
    assert between(*parts).pairs == (300, 100, 100)
