"""Ink on paper, as photographs and drawings show it, for models of white strokes on black."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def stretched(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Stretch a picture (H, W, 1) between its darkest and lightest point: photographs of paper are grey."""
    low, high = int(values.min()), int(values.max())
    if low == high:
        return values
    stretched = (values.astype(np.float32) - low) * (255 / (high - low))
    return stretched.round().astype(np.uint8)


def light_edge(values: NDArray[np.uint8]) -> bool:
    """Return whether the frame around a picture (H, W, 1), two pixels wide, is mostly light: paper."""
    inside = np.zeros(values.shape, dtype=bool)
    inside[2:-2, 2:-2] = True
    return bool((values[~inside] >= 128).mean() > 0.5)
