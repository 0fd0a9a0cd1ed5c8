"""Images in memory are a source like any other."""

import numpy as np

from synvae_core.data import ImageSet, ImageSource

PIXELS = (np.arange(3 * 2 * 4 * 1).reshape(3, 2, 4, 1) / 24).astype(np.float32)
IMAGES = ImageSet(PIXELS, np.array([0, 1, 0]), ("a", "b"), ("x", "y", "z"))


def test_images_in_memory_are_a_source() -> None:
    source: ImageSource = IMAGES  # and mypy agrees
    source.prefetch([2, 0], epoch=3)
    np.testing.assert_array_equal(source.read([2, 0, 2]), PIXELS[[2, 0, 2]])
    np.testing.assert_array_equal(source.read(np.array([1]), epoch=7), PIXELS[1:2])
    assert source.read([]).shape == (0, 2, 4, 1)
    assert (len(source), source.shape, source.skipped) == (3, (2, 4, 1), ())
