"""Pictures on disk and what is said of them, before any is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synvae_core.data.image_set import DataError, ImageSet, Indices, Skipped
from synvae_core.data.pictures import (
    Bytes,
    Fit,
    Shape,
    UnreadablePicture,
    as_pixels,
    cut,
    decode,
)


@dataclass(frozen=True, eq=False)
class Listing:
    """Row i of files, labels and ids speaks of the same picture; the rest is as in an ImageSet.

    files   (N,) paths relative to `folder`
    fit     how the pictures are fitted to a net's shape
    """

    folder: Path
    files: tuple[str, ...]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    ids: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()
    fit: Fit = "square"

    def __len__(self) -> int:
        return len(self.files)

    def path(self, row: int) -> Path:
        """Where the picture of a row lies."""
        return self.folder / self.files[row]

    def only(self, rows: Indices) -> Listing:
        """The pictures of these rows; classes keep their numbers."""
        return replace(
            self,
            files=tuple(self.files[row] for row in rows),
            labels=self.labels[np.asarray(rows, dtype=np.int64)],
            ids=tuple(self.ids[row] for row in rows),
        )

    def readable(self, rows: Sequence[int], unreadable: Sequence[Skipped]) -> Listing:
        """The pictures that turned out to be readable, the others named in `skipped`.

        Raises DataError when the rest has fewer than two classes, where there were two.
        """
        kept = replace(self.only(rows), skipped=(*self.skipped, *unreadable))
        wanted = min(2, len(np.unique(self.labels)))
        if len(np.unique(kept.labels)) < wanted:
            fewer = "less than two classes" if wanted == 2 else "nothing"
            raise DataError(
                f"Only {len(rows)} of {len(self)} pictures in {self.folder} can be read, which leaves "
                f"{fewer}; replace those that cannot, such as {kept.skipped[-1]}."
            )
        return kept


def load_listing(listing: Listing, shape: Shape, *, grey: bool = False) -> ImageSet:
    """All pictures of a listing in memory, (N, H, W, C); those that cannot be read are named in `skipped`.

    Raises DataError when too few pictures can be read.
    """
    values = np.zeros((len(listing), *shape), dtype=np.uint8)
    rows: list[int] = []
    unreadable: list[Skipped] = []
    for row, file in enumerate(listing.files):
        try:
            values[len(rows)] = _fitted(listing, row, shape)
        except UnreadablePicture as error:
            unreadable.append(Skipped(file, str(error)))
        else:
            rows.append(row)
    kept = listing.readable(rows, unreadable)
    pixels = as_pixels(values[: len(rows)], grey=grey)
    return ImageSet(pixels, kept.labels, kept.class_names, kept.ids, kept.skipped)


def _fitted(listing: Listing, row: int, shape: Shape) -> Bytes:
    return cut(decode(listing.path(row), shape, listing.fit), shape)
