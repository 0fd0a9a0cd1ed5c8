"""Some images of a source are those images."""

from __future__ import annotations

import numpy as np
import pytest

from synvae_core.data import ImageSet, ImageSource
from synvae_core.metrics.choosing import drawn, first


@pytest.fixture
def images() -> ImageSet:
    pixels = np.random.default_rng(0).random((20, 28, 28, 1), dtype=np.float32)
    return ImageSet(pixels, np.arange(20) % 3, ("a", "b", "c"), tuple(f"n{i}" for i in range(20)))


def rows_of(source: ImageSource) -> list[int]:
    return [int(name[1:]) for name in source.ids]


def test_the_first_images_are_read_from_the_source(images: ImageSet) -> None:
    few = first(images, 5)
    assert (len(few), rows_of(few), few.shape, few.class_names) == (
        5,
        [0, 1, 2, 3, 4],
        (28, 28, 1),
        ("a", "b", "c"),
    )
    np.testing.assert_array_equal(few.read([4, 1]), images.pixels[[4, 1]])
    np.testing.assert_array_equal(few.labels, images.labels[:5])


def test_drawn_images_follow_from_the_seed_and_do_not_repeat(images: ImageSet) -> None:
    few = drawn(images, 8, seed=1)
    assert rows_of(few) == rows_of(drawn(images, 8, seed=1)) == sorted(set(rows_of(few)))
    assert rows_of(few) != rows_of(drawn(images, 8, seed=2))
    np.testing.assert_array_equal(few.read(range(8)), images.pixels[rows_of(few)])
    np.testing.assert_array_equal(few.labels, images.labels[rows_of(few)])


@pytest.mark.parametrize("limit", [None, 20, 99])
def test_no_limit_is_the_source_itself(images: ImageSet, limit: int | None) -> None:
    assert first(images, limit) is images
    assert drawn(images, limit, seed=0) is images
