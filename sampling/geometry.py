"""Centroids and distances, in float64 and a batch of rows at a time, whatever the size of the data."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sampling.latents import Latents, Rows, batches

if TYPE_CHECKING:
    from sklearn.metrics import DistanceMetric

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


@cache
def _euclidean() -> DistanceMetric:
    """scikit-learn's metric that subtracts before it squares; loaded only when a plan is made.

    `sklearn.metrics.pairwise_distances` is faster, but loses digits where latents lie far from the origin.
    """
    from sklearn.metrics import DistanceMetric

    return DistanceMetric.get_metric("euclidean")


def distances_to(point: Array, points: NDArray[np.floating]) -> Array:
    """Euclidean distances from one point (D,) to each of M points (M, D), (M,)."""
    distances: Array = _euclidean().pairwise(points.astype(np.float64, order="C"), point[np.newaxis])[:, 0]
    return distances


def pairwise(points: Array) -> Array:
    """Euclidean distances between all of K points (K, D), (K, K)."""
    distances: Array = _euclidean().pairwise(points)
    return distances


def comparable(distances: Array) -> Array:
    """Distances rounded to 30 binary digits (nine decimal ones).

    Distances that are equal on paper then compare equal, whatever order their terms were summed in, on any
    machine; and sums of a few of them are exact. Every tie rule of this package compares these.
    """
    mantissa, exponent = np.frexp(distances)
    rounded: Array = np.ldexp(np.round(np.ldexp(mantissa, 30)), exponent - 30)
    return rounded
