from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sampling import Latents
from sampling.members import Member, nearest_members
from tests.sampling.blobs import blobs, points


def backwards(latents: Latents) -> Latents:
    """The same images in the opposite order."""
    return Latents(latents.z[::-1], latents.labels[::-1], latents.ids[::-1], latents.class_names)


@given(seed=st.integers(0, 10_000), count=st.integers(1, 12))
def test_the_nearest_members_are_those_of_brute_force(seed: int, count: int) -> None:
    latents = blobs({"a": 12, "b": 15}, seed=seed)
    for label, members in enumerate(nearest_members(latents, (0, 1), count)):
        rows = latents.members(label)
        centre = latents.z[rows].mean(axis=0)
        expected = sorted((math.dist(latents.z[row], centre), latents.ids[row]) for row in rows)[:count]
        assert [member.id for member in members] == [id_ for _, id_ in expected]
        assert [member.rank for member in members] == list(range(1, count + 1))
        np.testing.assert_allclose(
            [member.distance for member in members], [far for far, _ in expected], 1e-6
        )


def test_a_tie_in_distance_goes_to_the_id_that_comes_first() -> None:
    ring = [(math.cos(angle), math.sin(angle)) for angle in np.arange(8) * math.pi / 4]
    [members] = nearest_members(backwards(points({"a": ring})), (0,), 8)
    assert members == [Member(f"a-{place:02}", place + 1, 1.0) for place in range(8)]


def test_a_picture_under_a_second_name_comes_after_all_others() -> None:
    latents = points({"a": [(1.0,), (1.0,), (3.0,), (4.0,)], "b": [(3.0,), (9.0,), (8.0,)]})
    a, b = nearest_members(backwards(latents), (0, 1), 3)
    assert [member.id for member in a] == ["a-02", "a-00", "a-03"]
    assert [member.id for member in b] == ["b-02", "b-01", "b-00"]


def test_a_repeat_in_a_class_outside_the_study_does_not_count() -> None:
    latents = points({"a": [(1.0,), (2.0,), (3.0,)], "b": [(2.0,), (-7.0,), (8.0,)]})
    [members] = nearest_members(latents, (1,), 3)
    assert [member.id for member in members] == ["b-00", "b-02", "b-01"]


def test_images_that_are_all_the_same_are_taken_by_id() -> None:
    [members] = nearest_members(points({"a": [(1.0, 1.0)] * 4}), (0,), 3)
    assert [member.id for member in members] == ["a-00", "a-01", "a-02"]
