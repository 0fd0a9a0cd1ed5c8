"""What every source of published weights looks like: named float32 arrays, read one by one when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from synvae_core.errors import SynvaeError

Shape = tuple[int, ...]


class ImportFailed(SynvaeError):
    """Published weights that cannot be read or cannot become one of our models."""


class Variables(Mapping[str, NDArray[np.float32]]):
    """Float variables by their TensorFlow names; `shapes` costs nothing, an item is read from disk.

    `kind` says for people what was read, `config` is what the source itself says of its model (may be empty).
    """

    kind = "weights"

    def __init__(self, shapes: Mapping[str, Shape], config: Mapping[str, object] | None = None) -> None:
        self.shapes, self.config = shapes, config or {}

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        raise NotImplementedError

    def __contains__(self, name: object) -> bool:
        return name in self.shapes

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)
