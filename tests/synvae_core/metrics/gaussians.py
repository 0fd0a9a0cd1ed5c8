"""Pairs of Gaussian vectors whose mutual information is known."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def gaussians(
    count: int, dimensions: int, nats: float, seed: int = 0, noise: int = 0
) -> tuple[Floats, Floats]:
    """x, y (count, dimensions + noise) with I(X; Y) = nats = -(d / 2) ln(1 - rho^2) over d dimensions.

    `noise` further dimensions of each say nothing of the other.
    """
    generator = np.random.default_rng(seed)
    rho = math.sqrt(1 - math.exp(-2 * nats / dimensions))
    x = generator.standard_normal((count, dimensions + noise))
    y = generator.standard_normal((count, dimensions + noise))
    y[:, :dimensions] = rho * x[:, :dimensions] + math.sqrt(1 - rho**2) * y[:, :dimensions]
    return x.astype(np.float32), y.astype(np.float32)
