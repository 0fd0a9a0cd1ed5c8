"""Pictures read from disk as they are needed: any number of them in the memory of a batch."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synvae_core.data.image_set import Indices, Skipped
from synvae_core.data.listing import Listing
from synvae_core.data.pictures import Shape, as_pixels, cut
from synvae_core.data.shards import Unpacked

AHEAD = 4  # batches that are made ready at most


class ImageStream:
    """An ImageSource over unpacked pictures; with `vary`, an epoch cuts each picture where chance falls.

    The place follows from seed, epoch and index alone, so that a resumed run sees what it would have seen.
    """

    def __init__(
        self,
        listing: Listing,
        unpacked: Unpacked,
        shape: Shape,
        *,
        grey: bool = False,
        vary: bool = False,
        seed: int = 0,
    ) -> None:
        self.labels, self.class_names, self.ids = listing.labels, listing.class_names, listing.ids
        self.skipped: tuple[Skipped, ...] = listing.skipped
        self.shape, self.grey, self.vary, self.seed = shape, grey, vary, seed
        self._unpacked = unpacked
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._ahead: dict[tuple[bytes, int | None], Future[NDArray[np.float32]]] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def read(self, indices: Indices, *, epoch: int | None = None) -> NDArray[np.float32]:
        """The images at `indices` (B,), (B, H, W, C): cut at their centre, or in an epoch where chance falls.

        Raises DataError when the unpacked pictures have gone meanwhile.
        """
        rows = np.asarray(indices, dtype=np.int64)
        ahead = self._ahead.pop((rows.tobytes(), epoch), None)
        return ahead.result() if ahead else self._read(rows, epoch)

    def prefetch(self, indices: Indices, *, epoch: int | None = None) -> None:
        """Reads these meanwhile; of more than a few batches the oldest are forgotten."""
        rows = np.asarray(indices, dtype=np.int64)
        key = rows.tobytes(), epoch
        if key not in self._ahead:
            while len(self._ahead) >= AHEAD:
                self._ahead.pop(next(iter(self._ahead))).cancel()
            self._ahead[key] = self._reader.submit(self._read, rows, epoch)

    def _read(self, rows: NDArray[np.int64], epoch: int | None) -> NDArray[np.float32]:
        values = np.empty((len(rows), *self.shape), dtype=np.uint8)
        for place, (row, picture) in enumerate(zip(rows, self._unpacked.read(rows), strict=True)):
            values[place] = cut(picture, self.shape, self._place(int(row), epoch))
        return as_pixels(values, grey=self.grey)

    def _place(self, row: int, epoch: int | None) -> tuple[float, float]:
        if epoch is None or not self.vary:
            return 0.5, 0.5
        down, across = places(self.seed, epoch, len(self))[row]
        return float(down), float(across)


@lru_cache(maxsize=4)
def places(seed: int, epoch: int, images: int) -> NDArray[np.float64]:
    """Where each image is cut in an epoch (N, 2), in [0, 1) of the ways down and across."""
    return np.random.default_rng([seed, epoch]).random((images, 2))
