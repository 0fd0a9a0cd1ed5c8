"""The translator: latents, melodies and heard images in batches, the same each time, in any company."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from synvae_core.data import DataError, ImageSet
from synvae_core.latents import LatentError, LatentSet
from synvae_core.melody import Melody, MelodyError
from synvae_core.training.checkpoint import CheckpointError
from synvae_core.translator import BATCH, Translator
from tests.synvae_core.tiny import BARS, LATENT, save_tiny_synvae


@pytest.fixture(scope="module")
def translator(tiny_synvae: Path) -> Translator:
    return Translator.load(tiny_synvae)


def images_of(count: int, seed: int = 0) -> ImageSet:
    """Random black and white images."""
    pixels = (np.random.default_rng(seed).random((count, 28, 28, 1)) > 0.7).astype(np.float32)
    return ImageSet(pixels, np.arange(count) % 3, ("a", "b", "c"), tuple(f"image-{i}" for i in range(count)))


def test_latents_are_the_visvae_s_posterior_means_with_what_is_known_of_the_images(
    translator: Translator,
) -> None:
    images = images_of(5)
    latents = translator.encode(images)
    with torch.no_grad():
        mean, _ = translator.visvae.encode(torch.from_numpy(images.pixels.transpose(0, 3, 1, 2)))
    np.testing.assert_array_equal(latents.z, mean.numpy())
    np.testing.assert_array_equal(latents.labels, images.labels)
    assert (latents.ids, latents.class_names, latents.z.dtype.name) == (
        images.ids,
        ("a", "b", "c"),
        "float32",
    )


def test_without_a_visvae_of_its_own_latents_are_the_synvae_s(tmp_path: Path) -> None:
    alone = Translator.load(save_tiny_synvae(tmp_path, with_visvae=False))
    images = images_of(2)
    np.testing.assert_array_equal(
        alone.melody(alone.encode(images).z)[0].tokens, alone.translate(images)[0].tokens
    )


def test_what_is_seen_is_composed_and_what_is_heard_is_imagined(translator: Translator) -> None:
    images = images_of(5)
    melodies = translator.translate(images)
    assert translator.melody(translator.see(images.pixels)) == melodies
    with torch.no_grad():
        heard = translator.synvae.visual.decode(torch.from_numpy(translator.hear(melodies)))
    np.testing.assert_allclose(
        heard.numpy().transpose(0, 2, 3, 1), translator.imagine(melodies), rtol=1e-5, atol=1e-6
    )
    with pytest.raises(MelodyError, match="hears melodies of 32 steps, not 16"):
        translator.hear([Melody(np.zeros(16, dtype=np.int64))])


def test_images_become_melodies_of_the_model_s_length_that_differ(translator: Translator) -> None:
    melodies = translator.translate(images_of(8))
    assert [len(melody) for melody in melodies] == [16 * BARS] * 8
    assert len(set(melodies)) > 4
    assert all(melody == melody.canonical() for melody in melodies)
    assert translator.seconds == 4.0


def test_an_image_s_melody_is_that_of_its_synvae_mean(translator: Translator) -> None:
    images = images_of(3)
    with torch.no_grad():
        mean, _ = translator.synvae.encode(torch.from_numpy(images.pixels.transpose(0, 3, 1, 2)))
    assert translator.melody(mean.numpy()) == translator.translate(images)


def test_batches_change_nothing(translator: Translator) -> None:
    images = images_of(BATCH + 3)
    done: list[int] = []
    together = translator.encode(images, progress=done.append)
    assert done == [BATCH, 3]
    last = images.subset([BATCH + 2])
    np.testing.assert_allclose(translator.encode(last).z, together.z[-1:], atol=1e-6)
    assert translator.translate(last) == translator.translate(images)[-1:]


def test_reconstruction_hears_the_melody_that_a_midi_file_holds(
    translator: Translator, tmp_path: Path
) -> None:
    images = images_of(2)
    re_read = []
    for i, melody in enumerate(translator.translate(images)):
        melody.save_midi(tmp_path / f"{i}.mid")
        re_read.append(Melody.from_midi(tmp_path / f"{i}.mid", len(melody)))
    reconstructed = translator.reconstruct(images)
    assert reconstructed.shape == (2, 28, 28, 1)
    np.testing.assert_array_equal(translator.imagine(re_read), reconstructed)


def test_inaudible_tokens_change_nothing(translator: Translator) -> None:
    tokens: NDArray[np.int64] = np.zeros((2, 32), dtype=np.int64)
    tokens[:, 8] = 40
    tokens[1, :8] = 1
    quiet, noisy = translator.imagine([Melody(row) for row in tokens])
    np.testing.assert_array_equal(quiet, noisy)


def test_no_images_give_no_melodies(translator: Translator) -> None:
    assert translator.translate(images_of(0)) == []
    assert translator.encode(images_of(0)).z.shape == (0, LATENT)


def test_images_latents_and_melodies_of_another_shape_are_refused(translator: Translator) -> None:
    wrong = ImageSet(np.zeros((1, 32, 32, 3), dtype=np.float32), np.zeros(1, dtype=np.int64), ("a",), ("x",))
    with pytest.raises(DataError, match="takes images of 28x28x1; these are 32x32x3"):
        translator.translate(wrong)
    with pytest.raises(MelodyError, match=r"shape \(N, 8\), not \(2, 7\)"):
        translator.melody(np.zeros((2, 7)))
    with pytest.raises(MelodyError, match="melodies of 32 steps, not 16"):
        translator.imagine([Melody(np.zeros(16, dtype=np.int64))])


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="nowhere"):
        Translator.load(tmp_path / "nowhere")


def test_latents_come_back_from_their_file(tmp_path: Path) -> None:
    latents = LatentSet(
        np.arange(6, dtype=np.float32).reshape(2, 3), np.array([1, 0]), ("naïve.png", "b"), ("eins", "zwei")
    )
    latents.save(tmp_path / "new" / "latents.npz")
    again = LatentSet.load(tmp_path / "new" / "latents.npz")
    np.testing.assert_array_equal(again.z, latents.z)
    np.testing.assert_array_equal(again.labels, latents.labels)
    assert (again.ids, again.class_names, len(again)) == (latents.ids, latents.class_names, 2)


def test_a_file_that_holds_no_latents_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("not an archive")
    np.savez(tmp_path / "other.npz", z=np.zeros((1, 2)))
    for name in ("text.npz", "other.npz", "missing.npz"):
        with pytest.raises(LatentError, match=f"{name} is no file of latents"):
            LatentSet.load(tmp_path / name)
