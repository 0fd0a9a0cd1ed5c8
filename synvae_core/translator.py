"""`Translator`: trained models at work, from images to latents, melodies and reconstructed images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from synvae_core.data import DataError, ImageSet
from synvae_core.errors import SynvaeError
from synvae_core.latents import LatentSet
from synvae_core.melody import Melody, MelodyError
from synvae_core.sharing import open_pair
from synvae_core.synvae import SynVae
from synvae_core.visvae import VisVae, channels_first

BATCH = 256
Pixels = NDArray[np.float32]
Progress = Callable[[int], object]  # called with the number of examples just done


class WrongDirection(SynvaeError):
    """Pictures for a model that translates melodies."""


class Translator:
    """A SynVAE, which translates, and the VisVAE in whose latent space a study's images are chosen.

    Nothing here is drawn at random: latents are posterior means, melodies the most likely symbols. Examples
    are worked on in batches of BATCH, so memory does not grow with their number beyond the results.
    """

    def __init__(self, synvae: SynVae, visvae: VisVae, *, trained_on: str = "") -> None:
        self.synvae, self.visvae, self.trained_on = synvae.eval(), visvae.eval(), trained_on

    @classmethod
    def load(cls, name_or_path: str | Path = "mnist") -> Translator:
        """The shipped pair of a data set ("mnist"), a SynVAE's folder, or a file that was exported.

        A folder may hold its VisVAE in a sub-folder `visvae`; without one, images lie where the SynVAE's own
        visual encoder puts them. A SynVAE that was trained the other way round, melodies into pictures, only
        imagines and encodes. Raises CheckpointError for models that are missing, damaged or do not fit.
        """
        pair = open_pair(name_or_path)
        return cls(pair.synvae, pair.visvae, trained_on=pair.trained_on)

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
        z = self.latents(images.pixels, progress=progress)
        return LatentSet(z, images.labels, images.ids, images.class_names)

    def latents(self, pixels: Pixels, *, progress: Progress | None = None) -> Pixels:
        """The VisVAE's posterior means (N, D) of images (N, H, W, C)."""
        return self._map(lambda x: self.visvae.encode(x)[0], self._tensors(pixels), progress).numpy()

    def translate(self, images: ImageSet, *, progress: Progress | None = None) -> list[Melody]:
        """The melody of each image."""
        self._expect_images()
        symbols = self._map(self._symbols_of_images, self._tensors(images.pixels), progress)
        return _melodies(symbols)

    def melody(self, z: NDArray[np.floating], *, progress: Progress | None = None) -> list[Melody]:
        """The melody of each latent vector of the SynVAE, z (N, D)."""
        self._expect_images()
        latents = torch.from_numpy(np.asarray(z, dtype=np.float32))
        expected = self.synvae.music.config.latent
        if latents.ndim != 2 or latents.shape[1] != expected:
            raise MelodyError(f"Latents must have shape (N, {expected}), not {tuple(latents.shape)}.")
        return _melodies(self._map(self.synvae.melodies, latents, progress))

    def imagine(self, melodies: Sequence[Melody], *, progress: Progress | None = None) -> Pixels:
        """The image (N, H, W, C) that the model hears in each melody, exactly as a listener gets it."""
        images = self._map(self._images_of_symbols, self._symbols(melodies), progress)
        return np.ascontiguousarray(images.numpy().transpose(0, 2, 3, 1))

    def see(self, pixels: Pixels) -> Pixels:
        """The SynVAE's own latents (N, D) of images (N, H, W, C): what their melodies are composed from."""
        self._expect_images()
        return self._map(lambda x: self.synvae.encode(x)[0], self._tensors(pixels), None).numpy()

    def hear(self, melodies: Sequence[Melody]) -> Pixels:
        """Where the SynVAE hears melodies in that latent space (N, D), exactly as a listener gets them."""
        return self._map(lambda x: self.synvae.hear(x)[0], self._symbols(melodies), None).numpy()

    def reconstruct(self, images: ImageSet) -> Pixels:
        """Images through their melodies and back (the audible path): (N, H, W, C)."""
        return self.imagine(self.translate(images))

    def _symbols(self, melodies: Sequence[Melody]) -> Tensor:
        """Melodies as re-read from their notes, (N, T)."""
        steps = self.synvae.music.config.steps
        for melody in melodies:
            if len(melody) != steps:
                raise MelodyError(f"This model hears melodies of {steps} steps, not {len(melody)}.")
        tokens = np.array([melody.canonical().tokens for melody in melodies]).reshape(-1, steps)
        return torch.from_numpy(tokens)

    def _expect_images(self) -> None:
        if self.synvae.outer is not self.synvae.visual:
            raise WrongDirection(
                "This model was trained to turn melodies into pictures, not pictures into melodies: give it "
                "MIDI or ABC files, or choose another model."
            )

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
