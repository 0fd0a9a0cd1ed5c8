"""Which images of a class stand for it: those nearest to its centroid."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sampling.geometry import centroid, comparable, distances_to
from sampling.latents import Latents, batches


class Member(NamedTuple):
    """An image of a class; rank 1 is the nearest to the class's centroid."""

    id: str
    rank: int
    distance: float


def nearest_members(latents: Latents, labels: Sequence[int], count: int) -> list[list[Member]]:
    """The `count` members nearest to the centroid of each given class, nearest first.

    A tie in distance goes to the id that comes first. An image whose latent repeats another's is most likely
    the same picture under another name, so it comes after all that do not: a picture heard as an example must
    not return in a trial.
    """
    repeated = _repeats(latents, labels)
    return [_nearest(latents, label, repeated, count) for label in labels]


def _nearest(latents: Latents, label: int, repeated: NDArray[np.bool_], count: int) -> list[Member]:
    rows = np.array(sorted(latents.members(label), key=latents.ids.__getitem__))
    centre = centroid(latents, label)
    distances = comparable(
        np.concatenate([distances_to(centre, latents.z[batch]) for batch in batches(rows)])
    )
    order = np.lexsort((distances, repeated[rows]))[:count]  # stable, so equals stay in order of id
    return [
        Member(latents.ids[rows[place]], rank, float(f"{distances[place]:.7g}"))
        for rank, place in enumerate(order, start=1)
    ]


def _repeats(latents: Latents, labels: Sequence[int]) -> NDArray[np.bool_]:
    """Which rows (N,) have the very latent of another row of these classes whose id comes first."""
    repeated = np.zeros(len(latents), dtype=np.bool_)
    seen: set[bytes] = set()
    rows = np.flatnonzero(np.isin(latents.labels, labels))
    for row in sorted(rows, key=latents.ids.__getitem__):
        latent = blake2b(latents.z[row].tobytes(), digest_size=16).digest()
        repeated[row] = latent in seen
        seen.add(latent)
    return repeated
