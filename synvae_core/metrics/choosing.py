"""Some of the images of a source, themselves a source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synvae_core.data import ImageSource, Skipped
from synvae_core.data.image_set import Indices


@dataclass(frozen=True, eq=False)
class Chosen:
    """The images at `rows` of another source, read from it as they are needed."""

    source: ImageSource
    rows: NDArray[np.int64]

    @property
    def labels(self) -> NDArray[np.int64]:
        """(N,) indices into `class_names`."""
        return np.asarray(self.source.labels)[self.rows]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Those of the source."""
        return self.source.class_names

    @property
    def ids(self) -> tuple[str, ...]:
        """(N,) unique names."""
        return tuple(self.source.ids[row] for row in self.rows)

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """Those of the source."""
        return self.source.skipped

    @property
    def shape(self) -> tuple[int, int, int]:
        """(H, W, C) of every image."""
        return self.source.shape

    def __len__(self) -> int:
        return len(self.rows)

    def read(self, indices: Indices, *, epoch: int | None = None) -> NDArray[np.float32]:
        """As the source reads them."""
        return self.source.read(self.rows[np.asarray(indices, dtype=np.int64)], epoch=epoch)

    def prefetch(self, indices: Indices, *, epoch: int | None = None) -> None:
        """As the source does."""
        self.source.prefetch(self.rows[np.asarray(indices, dtype=np.int64)], epoch=epoch)


def first(source: ImageSource, limit: int | None) -> ImageSource:
    """The first `limit` images, or all."""
    return source if limit is None or limit >= len(source) else Chosen(source, np.arange(limit))


def drawn(source: ImageSource, limit: int | None, seed: int) -> ImageSource:
    """`limit` images drawn without repetition by `seed`, in the source's order, or all."""
    if limit is None or limit >= len(source):
        return source
    return Chosen(source, np.sort(np.random.default_rng(seed).choice(len(source), limit, replace=False)))
