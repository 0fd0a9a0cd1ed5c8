"""The one shape in which images travel through synvae_core, in memory or read as they are needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synvae_core.errors import SynvaeError


class DataError(SynvaeError):
    """A data set is missing, broken or unfit; the message says what to do by hand."""


@dataclass(frozen=True)
class Skipped:
    """A file that was left out, and why."""

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.reason}"


Indices = Sequence[int] | NDArray[np.int64]


class ImageSource(Protocol):
    """Labelled images that are read by index: an ImageSet in memory, or an ImageStream from disk.

    `len()` is the number of images N; labels, class_names, ids and skipped are those of an ImageSet.
    """

    @property
    def labels(self) -> NDArray[np.int64]:
        """(N,) indices into `class_names`."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name per class, the same in every split."""

    @property
    def ids(self) -> tuple[str, ...]:
        """(N,) unique names."""

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """Files that could not be used."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of every image."""

    def __len__(self) -> int:
        """How many images there are."""

    def read(self, indices: Indices, *, epoch: int | None = None) -> NDArray[np.float32]:
        """The images at `indices` (B,) in that order, (B, H, W, C) float32 in [0, 1].

        Without `epoch` always the same; with it as training wants them in that pass, where a data set varies
        them (a random crop that follows from seed, epoch and index).
        """

    def prefetch(self, indices: Indices, *, epoch: int | None = None) -> None:
        """Says what will be read next, so that it can be made ready meanwhile; safe to leave out."""


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images with what is known about them; row i of every field speaks of the same image.

    pixels       (N, H, W, C) float32 in [0, 1]
    labels       (N,) int64, an index into `class_names`
    class_names  one name per class
    ids          (N,) unique names ("mnist-test-00042", or the relative path in a folder)
    skipped      files that could not be used
    """

    pixels: NDArray[np.float32]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    ids: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.pixels) == len(self.labels) == len(self.ids):
            raise DataError(
                f"An image set needs one label and one id per image; it was given {len(self.pixels)} images, "
                f"{len(self.labels)} labels and {len(self.ids)} ids."
            )

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of every image."""
        height, width, channels = self.pixels.shape[1:]
        return height, width, channels

    def read(self, indices: Indices, *, epoch: int | None = None) -> NDArray[np.float32]:
        """The images at `indices` (B,) in that order, (B, H, W, C); the same in every epoch."""
        return self.pixels[np.asarray(indices, dtype=np.int64)]

    def prefetch(self, indices: Indices, *, epoch: int | None = None) -> None:
        """Nothing: all images are in memory."""

    def subset(self, indices: Indices) -> ImageSet:
        """The images at `indices`, in that order; classes keep their numbers."""
        chosen = np.asarray(indices, dtype=np.int64)
        return replace(
            self,
            pixels=self.pixels[chosen],
            labels=self.labels[chosen],
            ids=tuple(self.ids[i] for i in chosen),
        )
