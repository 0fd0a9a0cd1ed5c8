"""No metric is computed from numbers that are none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synvae_core.errors import SynvaeError


class NotFinite(SynvaeError):
    """A model gave latents or images that are not finite numbers."""


def require_finite(values: NDArray[np.generic], what: str) -> None:
    """Raises NotFinite when any of the values is infinite or not a number."""
    if not np.isfinite(values).all():
        raise NotFinite(
            f"The {what} are not all finite numbers: the model's training has failed or its weights are "
            "damaged; evaluate an earlier checkpoint."
        )
