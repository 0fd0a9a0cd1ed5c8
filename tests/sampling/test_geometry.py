from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.geometry import centroid, comparable, distances_to, pairwise
from sampling.latents import BATCH
from tests.sampling.blobs import blobs, points


@given(length=st.floats(1e-12, 1e12))
def test_rounding_moves_a_distance_by_less_than_a_billionth(length: float) -> None:
    [rounded] = comparable(np.array([length]))
    assert rounded == pytest.approx(length, rel=1e-9, abs=0)


def test_sums_of_rounded_distances_are_equal_in_any_order() -> None:
    sides = [0.1, 0.2, 0.3]
    assert len({sum(order) for order in permutations(sides)}) > 1
    assert len({sum(order) for order in permutations(comparable(np.array(sides)))}) == 1


def test_distances_equal_on_paper_are_equal_when_rounded() -> None:
    one, other = 0.1 + 0.2, 0.3
    assert one != other
    assert len(set(comparable(np.array([one, other])))) == 1


def test_distances_that_differ_in_the_eighth_digit_stay_apart() -> None:
    near, far = comparable(np.array([1.0, 1.00000002]))
    assert near < far


def test_nothing_is_nothing_when_rounded() -> None:
    assert comparable(np.zeros(2)).tolist() == [0, 0]


@pytest.mark.parametrize("kind", [np.float16, np.int8])
def test_small_number_types_do_not_spoil_centroids_or_distances(kind: type) -> None:
    latents = points({"a": [(100, 100)] * 999 + [(101, 100)]})
    small = type(latents)(latents.z.astype(kind), latents.labels, latents.ids, latents.class_names)
    np.testing.assert_allclose(centroid(small, 0), [100.001, 100], rtol=1e-12)
    np.testing.assert_allclose(distances_to(np.array([-100.0, 100]), small.z)[-2:], [200, 201])


def test_a_class_of_more_than_a_batch_is_summed_whole() -> None:
    latents = blobs({"a": 2 * BATCH + 5}, dimensions=2)
    np.testing.assert_allclose(centroid(latents, 0), latents.z.mean(axis=0), rtol=1e-12)


def test_pairwise_distances_are_euclidean() -> None:
    np.testing.assert_allclose(
        pairwise(np.array([(0.0, 0), (3, 4), (3, 0)])), [[0, 5, 3], [5, 0, 4], [3, 4, 0]]
    )
