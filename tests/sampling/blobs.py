"""Made-up latents: each class a Gaussian cloud around a centre of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sampling import Latents


def blobs(
    counts: Mapping[str, int],
    *,
    centres: Mapping[str, Sequence[float]] | None = None,
    dimensions: int = 4,
    seed: int = 0,
) -> Latents:
    """`counts` images of each class; ids are "<class>-00", "<class>-01", ..."""
    random = np.random.default_rng(seed)
    names = tuple(counts)
    drawn = random.normal(scale=5, size=(len(names), dimensions))
    middle = np.array([centres[name] for name in names], dtype=float) if centres else drawn
    labels = np.repeat(np.arange(len(names)), list(counts.values()))
    z = middle[labels] + random.normal(size=(len(labels), middle.shape[1]))
    ids = tuple(f"{name}-{number:02}" for name in names for number in range(counts[name]))
    return Latents(z, labels, ids, names)


def points(places: Mapping[str, Sequence[Sequence[float]]]) -> Latents:
    """Images at exactly these places."""
    z = np.array([place for group in places.values() for place in group], dtype=float)
    labels = np.repeat(np.arange(len(places)), [len(group) for group in places.values()])
    ids = tuple(f"{name}-{number:02}" for name, group in places.items() for number in range(len(group)))
    return Latents(z, labels, ids, tuple(places))


def saved(latents: Latents, path: str) -> str:
    np.savez(
        path,
        z=latents.z,
        labels=latents.labels,
        ids=np.array(latents.ids),
        class_names=np.array(latents.class_names),
    )
    return path


DIGITS = {str(digit): 30 for digit in range(6)}
