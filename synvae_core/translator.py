"""`Translator`: trained models at work, from images to latents, melodies and reconstructed images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synvae_core.data import DataError, ImageSet
from synvae_core.latents import LatentSet
from synvae_core.melody import Melody, MelodyError
from synvae_core.synvae import SynVae
from synvae_core.training.checkpoint import CheckpointError
from synvae_core.training.models import (
    PRETRAINED,
    StoredSynVae,
    load_synvae,
    load_visvae,
    model_folder,
    read_config,
)
from synvae_core.visvae import VisVae, channels_first

BATCH = 256
Pixels = NDArray[np.float32]
Progress = Callable[[int], object]  # called with the number of examples just done


class Translator:
    """A SynVAE, which translates, and the VisVAE in whose latent space a study's images are chosen.

    Nothing here is drawn at random: latents are posterior means, melodies the most likely symbols. Examples
    are worked on in batches of BATCH, so memory does not grow with their number beyond the results.
    """

    def __init__(self, synvae: SynVae, visvae: VisVae, *, trained_on: str = "") -> None:
        self.synvae, self.visvae, self.trained_on = synvae.eval(), visvae.eval(), trained_on

    @classmethod
    def load(cls, name_or_path: str | Path = "mnist") -> Translator:
        """The shipped pair of a data set ("mnist"), or a SynVAE's folder.

        A folder may hold its VisVAE in a sub-folder `visvae`; without one, images lie where the SynVAE's own
        visual encoder puts them. Raises CheckpointError for models that are missing, damaged or do not fit.
        """
        visual, musical = _folders(name_or_path)
        config = read_config(musical)
        trained_on = config.data if isinstance(config, StoredSynVae) else ""
        synvae = load_synvae(musical)
        return cls(synvae, load_visvae(visual), trained_on=trained_on)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the images that this translator takes."""
        return self.synvae.visual.config.image_shape

    @property
    def seconds(self) -> float:
        """Length of every melody in seconds."""
        return Melody(np.zeros(self.synvae.music.config.steps, dtype=np.int64)).seconds

    def encode(self, images: ImageSet, *, progress: Progress | None = None) -> LatentSet:
        """Where images lie, by the VisVAE's posterior means: what sampling plans with."""
        z = self._map(lambda x: self.visvae.encode(x)[0], self._tensors(images.pixels), progress)
        return LatentSet(z.numpy(), images.labels, images.ids, images.class_names)

    def translate(self, images: ImageSet, *, progress: Progress | None = None) -> list[Melody]:
        """The melody of each image."""
        symbols = self._map(self._symbols_of_images, self._tensors(images.pixels), progress)
        return _melodies(symbols)

    def melody(self, z: NDArray[np.floating], *, progress: Progress | None = None) -> list[Melody]:
        """The melody of each latent vector of the SynVAE, z (N, D)."""
        latents = torch.from_numpy(np.asarray(z, dtype=np.float32))
        expected = self.synvae.music.config.latent
        if latents.ndim != 2 or latents.shape[1] != expected:
            raise MelodyError(f"Latents must have shape (N, {expected}), not {tuple(latents.shape)}.")
        return _melodies(self._map(self.synvae.melodies, latents, progress))

    def imagine(self, melodies: Sequence[Melody], *, progress: Progress | None = None) -> Pixels:
        """The image (N, H, W, C) that the model hears in each melody, exactly as a listener gets it."""
        steps = self.synvae.music.config.steps
        for melody in melodies:
            if len(melody) != steps:
                raise MelodyError(f"This model hears melodies of {steps} steps, not {len(melody)}.")
        tokens = np.array([melody.canonical().tokens for melody in melodies]).reshape(-1, steps)
        images = self._map(self._images_of_symbols, torch.from_numpy(tokens), progress)
        return np.ascontiguousarray(images.numpy().transpose(0, 2, 3, 1))

    def reconstruct(self, images: ImageSet) -> Pixels:
        """Images through their melodies and back (the audible path): (N, H, W, C)."""
        return self.imagine(self.translate(images))

    def _symbols_of_images(self, images: Tensor) -> Tensor:  # (B, C, H, W) -> (B, T)
        return self.synvae.melodies(self.synvae.encode(images)[0])

    def _images_of_symbols(self, symbols: Tensor) -> Tensor:  # (B, T) -> (B, C, H, W)
        return self.synvae.visual.decode(self.synvae.hear(symbols)[0])

    def _tensors(self, pixels: Pixels) -> Tensor:
        if pixels.shape[1:] != self.image_shape:
            height, width, channels = self.image_shape
            raise DataError(
                f"This model takes images of {height}x{width}x{channels}; "
                f"these are {'x'.join(map(str, pixels.shape[1:]))}: load them with that shape."
            )
        return channels_first(pixels)

    @torch.inference_mode()
    def _map(
        self, function: Callable[[Tensor], Tensor], examples: Tensor, progress: Progress | None
    ) -> Tensor:
        """`function` over the examples (N, ...) batch by batch, results joined."""
        return torch.cat(list(_batches(function, examples, progress)))


def _batches(
    function: Callable[[Tensor], Tensor], examples: Tensor, progress: Progress | None
) -> Iterator[Tensor]:
    for batch in examples.split(BATCH):
        yield function(batch)
        if progress:
            progress(len(batch))


def _melodies(symbols: Tensor) -> list[Melody]:
    """Symbols (N, T) as melodies, in the one spelling that their notes have."""
    return [Melody(tokens).canonical() for tokens in symbols.numpy()]


def _folders(name_or_path: str | Path) -> tuple[Path, Path]:
    """The folders of the VisVAE and the SynVAE."""
    path = Path(name_or_path)
    if (path / "config.json").is_file():
        own = path / "visvae"
        return (own if (own / "config.json").is_file() else path), path
    try:
        return model_folder(f"visvae-{name_or_path}"), model_folder(f"synvae-{name_or_path}")
    except CheckpointError:
        shipped = ", ".join(sorted(p.name.removeprefix("synvae-") for p in PRETRAINED.glob("synvae-*")))
        raise CheckpointError(
            f"There is no model {name_or_path} that translates: give the folder of a trained SynVAE"
            + (f", or one of {shipped}." if shipped else ".")
        ) from None
