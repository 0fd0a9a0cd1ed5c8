"""Centroids and distances, in float64 and a batch of rows at a time, whatever the size of the data."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.latents import Latents, Rows, batches

Array = NDArray[np.float64]


def total(latents: Latents, rows: Rows) -> Array:
    """The sum of the latents of some rows, (D,)."""
    result = np.zeros(latents.z.shape[1])
    for batch in batches(rows):
        result += latents.z[batch].sum(axis=0, dtype=np.float64)
    return result


def centroid(latents: Latents, label: int) -> Array:
    """The mean of the posterior means of a class that has members (paper, section 2.2), (D,)."""
    rows = latents.members(label)
    return total(latents, rows) / len(rows)


def distances_to(point: Array, points: NDArray[np.floating]) -> Array:
    """Euclidean distances from one point (D,) to each of M points (M, D), (M,)."""
    steps = points - point  # float64, as the point is
    distances: Array = np.sqrt(np.einsum("md,md->m", steps, steps))
    return distances


def pairwise(points: Array) -> Array:
    """Euclidean distances between all of K points (K, D), (K, K)."""
    return np.stack([distances_to(point, points) for point in points])


def comparable(distances: Array) -> Array:
    """Distances rounded to 30 binary digits (nine decimal ones).

    Distances that are equal on paper then compare equal, whatever order their terms were summed in, on any
    machine; and sums of a few of them are exact. Every tie rule of this package compares these.
    """
    mantissa, exponent = np.frexp(distances)
    rounded: Array = np.ldexp(np.round(np.ldexp(mantissa, 30)), exponent - 30)
    return rounded
