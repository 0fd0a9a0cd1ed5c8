"""The one shape in which images travel through synvae_core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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

    def subset(self, indices: Sequence[int] | NDArray[np.int64]) -> ImageSet:
        """The images at `indices`, in that order; classes keep their numbers."""
        chosen = np.asarray(indices, dtype=np.int64)
        return replace(
            self,
            pixels=self.pixels[chosen],
            labels=self.labels[chosen],
            ids=tuple(self.ids[i] for i in chosen),
        )
