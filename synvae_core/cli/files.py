"""Files that commands write: their names, pictures as PNG, and the one error for a place that refuses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from synvae_core.errors import SynvaeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHOWN_PIXELS = 280  # side of the pictures that are written; 28 x 28 enlarged ten times


class OutputError(SynvaeError):
    """A file could not be written."""


def names(sources: Sequence[Path]) -> Iterator[str]:
    """A file name for each source, numbered where two share one."""
    used: set[str] = set()
    for source in sources:
        name, number = source.stem, 2
        while name in used:
            name, number = f"{source.stem}-{number}", number + 1
        used.add(name)
        yield name


def save_png(pixels: NDArray[np.float32], file: Path | BinaryIO) -> None:
    """Pixels (H, W, C) in [0, 1] as a PNG, enlarged in whole steps so that each pixel stays a square."""
    import numpy as np
    from PIL import Image

    values = np.rint(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
    image = Image.fromarray(values[..., 0] if values.shape[2] == 1 else values)
    times = max(1, SHOWN_PIXELS // max(image.size))
    enlarged = image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)
    enlarged.save(file, format="PNG")
