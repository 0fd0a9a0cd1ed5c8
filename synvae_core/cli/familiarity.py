"""Whether a picture looks like what the MNIST model was trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Of the 10,000 test digits the lit share is .024 to .329; at the edge it is at most .039.
LEAST_INK, MOST_INK, MOST_EDGE = 0.02, 0.35, 0.05
EDGE = 2


def unfamiliar(pixels: NDArray[np.float32]) -> str | None:
    """Why a picture (28, 28, 1) is outside what the model knows, or None for one that may be a digit."""
    ink = float(pixels.mean())
    edge = np.ones(pixels.shape[:2], dtype=bool)
    edge[EDGE:-EDGE, EDGE:-EDGE] = False
    if ink < LEAST_INK:
        return (
            "almost nothing is left of this picture in black and white; try one with a bright, bold subject."
        )
    if ink > 1 - MOST_INK:
        return "this is mostly white; the model knows white strokes on black, so try --invert."
    if ink > MOST_INK or pixels[edge].mean() > MOST_EDGE:
        return (
            "this model was trained on handwritten digits, white on black with a black margin; "
            "what it plays for other pictures carries little of them."
        )
    return None
