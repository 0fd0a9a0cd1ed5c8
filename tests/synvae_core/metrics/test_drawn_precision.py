"""The table of precision among the latents that carry most: whole, it is what `evaluate` says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.drawn_precision import load, nats, paths_of, rows_of
from synvae_core.data import ImageSet
from synvae_core.metrics.neighbours import precision_at
from synvae_core.metrics.paths import travel
from tests.synvae_core.tiny import LATENT


@pytest.fixture
def images() -> ImageSet:
    """Noise of ten brightnesses."""
    labels = np.arange(60) % 10
    noise = np.random.default_rng(0).random((60, 28, 28, 1))
    pixels = (noise < 0.05 + 0.09 * labels[:, None, None, None]).astype(np.float32)
    return ImageSet(pixels, labels, tuple("0123456789"), tuple(map(str, range(60))))


def test_all_latents_have_the_path_s_own_kl_and_precision(tiny_synvae: Path, images: ImageSet) -> None:
    (path,) = paths_of(load(str(tiny_synvae / "visvae")))
    end, (row,) = travel(images, path.way), rows_of(path, images, [LATENT])
    assert row.nats == pytest.approx(end.kl.mean(), rel=1e-5)
    assert row.drawn == precision_at(end.drawn, end.labels)
    assert row.means == precision_at(end.mean, end.labels)


def test_fewer_latents_are_those_with_the_most_kl(tiny_synvae: Path, images: ImageSet) -> None:
    for path in paths_of(load(str(tiny_synvae))):
        each, end = nats(path.model, images), travel(images, path.way)
        most = np.argsort(each)[::-1][:3]
        (row,) = rows_of(path, images, [3])
        assert row.nats == pytest.approx(np.sort(each)[-3:].sum())
        assert row.drawn == precision_at(end.drawn[:, np.sort(most)], end.labels)
