"""Precision at n against scikit-learn, its tie rule, and its memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from synvae_core.metrics import neighbours
from synvae_core.metrics.finite import NotFinite
from synvae_core.metrics.neighbours import TooFewNeighbours, nearest, precision_at, precisions_at


def latents(count: int, dimensions: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)


def by_sklearn(z: NDArray[np.float32], n: int) -> NDArray[np.int64]:
    """The n nearest others in float64, each latent taken out of its own list by its index."""
    found = NearestNeighbors(n_neighbors=n + 1, algorithm="brute").fit(z.astype(np.float64))
    indices = found.kneighbors(return_distance=False, X=z.astype(np.float64))
    return np.array([[j for j in row if j != i][:n] for i, row in enumerate(indices)])


@pytest.mark.parametrize(("count", "dimensions"), [(400, 2), (1500, 32), (600, 512)])
def test_neighbours_and_precision_equal_those_of_scikit_learn(count: int, dimensions: int) -> None:
    z = latents(count, dimensions)
    labels = np.random.default_rng(1).integers(0, 3, count)
    expected = by_sklearn(z, 10)
    np.testing.assert_array_equal(nearest(z, 10), expected)
    assert precision_at(z, labels, 10) == pytest.approx(np.mean(labels[expected] == labels[:, None]))


def test_chunks_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    z = latents(333, 8)
    whole = nearest(z, 5)
    monkeypatch.setattr(neighbours, "TABLE", 7 * 333)
    np.testing.assert_array_equal(nearest(z, 5), whole)


def test_a_far_away_cloud_is_measured_as_well_as_one_at_the_origin() -> None:
    z = np.round(latents(300, 16), 3)
    np.testing.assert_array_equal(nearest(z + np.float32(1024), 10), by_sklearn(z + np.float32(1024), 10))


def test_tight_clusters_beyond_float32_products_are_told_apart() -> None:
    centres = 1000 * latents(5, 64)
    z = np.concatenate([centre + latents(40, 64, seed) for seed, centre in enumerate(centres)])
    np.testing.assert_array_equal(nearest(z, 10), by_sklearn(z, 10))


def test_of_latents_equally_far_the_lower_index_comes_first() -> None:
    z = np.array([[0.0], [1.0], [-1.0], [1.0], [3.0]], dtype=np.float32)
    assert nearest(z, 3).tolist() == [[1, 2, 3], [3, 0, 2], [0, 1, 3], [1, 0, 2], [1, 3, 0]]


def test_a_duplicate_is_a_neighbour_and_oneself_is_not() -> None:
    z = np.repeat(latents(2, 4), 40, axis=0)
    found = nearest(z, 10)
    assert found[0].tolist() == list(range(1, 11))
    assert found[5].tolist() == [0, 1, 2, 3, 4, 6, 7, 8, 9, 10]
    assert found[79].tolist() == list(range(40, 50))


def test_a_collapsed_space_has_the_precision_of_its_first_images() -> None:
    assert precision_at(np.zeros((60, 3), dtype=np.float32), np.arange(60) // 30, 10) == pytest.approx(0.5)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=4, max_size=60),
    st.integers(1, 3),
)
def test_on_a_grid_full_of_ties_it_equals_a_plain_sort(points: list[tuple[int, int]], n: int) -> None:
    z = np.array(points, dtype=np.float32)
    distances = ((z[:, None] - z[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    np.testing.assert_array_equal(nearest(z, n), np.argsort(distances, axis=1, kind="stable")[:, :n])


def test_perfect_classes_give_one_and_opposed_ones_nothing() -> None:
    z = np.array([[0.0], [0.1], [0.2], [9.0], [9.1], [9.2]], dtype=np.float32)
    assert precision_at(z, np.array([0, 0, 0, 1, 1, 1]), 2) == 1.0
    assert precision_at(z, np.arange(6), 2) == 0.0


def test_asking_only_some_latents_comes_close_and_is_repeated_by_its_seed() -> None:
    z, labels = latents(2000, 4), np.random.default_rng(2).integers(0, 2, 2000)
    z[labels == 1] += 1
    whole = precision_at(z, labels, 10)
    part = precision_at(z, labels, 10, queries=800, seed=5)
    assert part == precision_at(z, labels, 10, queries=800, seed=5)
    assert part == pytest.approx(whole, abs=0.03)
    assert precision_at(z, labels, 10, queries=5000) == whole


def test_too_few_latents_are_refused_with_their_number() -> None:
    with pytest.raises(TooFewNeighbours, match="10 neighbours need more than 10 images; there are 10"):
        precision_at(latents(10, 2), np.zeros(10, dtype=np.int64), 10)
    assert nearest(latents(3, 2), 2).shape == (3, 2)


@pytest.mark.parametrize("count", [11, 10_000, 180_000, 100_000_000])
def test_no_table_of_all_pairs_is_made(count: int) -> None:
    rows = neighbours.rows_at_once(count)
    assert 1 <= rows <= 1000
    assert rows * count <= max(count, neighbours.TABLE)


def test_several_ranks_from_one_search_are_those_of_single_ones() -> None:
    z, labels = latents(400, 4), np.random.default_rng(2).integers(0, 3, 400)
    found = precisions_at(z, labels, (50, 1, 5, 10))
    assert [p.n for p in found] == [50, 1, 5, 10]
    assert [p.value for p in found] == pytest.approx([precision_at(z, labels, n) for n in (50, 1, 5, 10)])
    assert [(p.standard_error, p.queries) for p in found] == [(0.0, 400)] * 4


def test_the_standard_error_is_the_spread_of_the_answers_that_samples_give() -> None:
    z, labels = latents(600, 3), np.random.default_rng(2).integers(0, 2, 600)
    z[labels == 1] += 0.7
    samples = [precisions_at(z, labels, (10,), queries=150, seed=seed)[0] for seed in range(60)]
    spread = np.std([p.value for p in samples], ddof=1)
    assert np.mean([p.standard_error for p in samples]) == pytest.approx(spread, rel=0.25)
    whole = precision_at(z, labels, 10)
    inside = [abs(p.value - whole) < 2 * p.standard_error for p in samples]
    assert np.mean(inside) > 0.85
    assert np.isinf(precisions_at(z, labels, (10,), queries=1)[0].standard_error)


def test_one_class_alone_is_always_right() -> None:
    assert [p.value for p in precisions_at(latents(60, 2), np.zeros(60, dtype=np.int64), (1, 50))] == [1, 1]


def test_latents_without_numbers_and_ranks_without_neighbours_are_refused() -> None:
    z, labels = latents(60, 2), np.zeros(60, dtype=np.int64)
    for wrong in (np.nan, np.inf):
        broken = z.copy()
        broken[3, 1] = wrong
        with pytest.raises(NotFinite, match="latents are not all finite numbers"):
            precisions_at(broken, labels)
    with pytest.raises(TooFewNeighbours, match="at 1 neighbour or more, not at 0"):
        precision_at(z, labels, 0)
    with pytest.raises(TooFewNeighbours, match="50 neighbours need more than 50 images; there are 50"):
        precisions_at(z[:50], labels[:50])
