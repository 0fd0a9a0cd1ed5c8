"""A latent space laid out on a plane by t-SNE, and in words: how much each class keeps to itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from synvae_core.report.marks import Mark, marks

PERPLEXITY = 30.0  # the original's; smaller where there are few images
FEWEST = 5
NEIGHBOURS = 10
SIDE, EDGE = 600, 14  # units of a drawing that scales with the page


@dataclass(frozen=True)
class Company:
    """Among the nearest latents of a class's images: the share of its own class, and whom it meets most."""

    name: str
    images: int
    own: float
    meets: str | None


@dataclass(frozen=True)
class LatentMap:
    """A drawing (or, with too few images, the reason why there is none) and its words."""

    name: str
    drawing: Markup | None
    reason: str
    companies: tuple[Company, ...]


def latent_map(
    name: str, z: NDArray[np.floating], labels: NDArray[np.integer], class_names: tuple[str, ...], seed: int
) -> LatentMap:
    """The map of z (N, D); t-SNE after van der Maaten and Hinton 2008, as scikit-learn has it."""
    reason = _reason(z)
    if reason:
        return LatentMap(name, None, reason, ())
    companies = _companies(z, labels, class_names)
    places = tsne(z, seed)
    drawing = _drawn(places, labels, marks(class_names), _words(name, companies))
    return LatentMap(name, drawing, "", companies)


def _reason(z: NDArray[np.floating]) -> str:
    if len(z) < FEWEST:
        return f"There is no map of fewer than {FEWEST} images."
    if np.ptp(z, axis=0).max() < 1e-9:
        return "There is no map: the model puts every image in the same place."
    return ""


def tsne(z: NDArray[np.floating], seed: int) -> NDArray[np.float64]:
    """Places (N, 2) of latents (N, D); the perplexity is 30, or a third of the others where there are few."""
    from sklearn.manifold import TSNE

    perplexity = min(PERPLEXITY, (len(z) - 1) / 3)
    plane = TSNE(perplexity=perplexity, init="random", random_state=seed)
    return np.asarray(plane.fit_transform(np.asarray(z, dtype=np.float32)), dtype=np.float64)


def _companies(
    z: NDArray[np.floating], labels: NDArray[np.integer], class_names: tuple[str, ...]
) -> tuple[Company, ...]:
    from sklearn.neighbors import NearestNeighbors

    count = min(NEIGHBOURS, len(z) - 1)
    near = NearestNeighbors(n_neighbors=count).fit(z).kneighbors(return_distance=False)  # (N, count)
    return tuple(
        _company(int(label), labels[near[labels == label]], class_names) for label in np.unique(labels)
    )


def _company(label: int, met: NDArray[np.integer], class_names: tuple[str, ...]) -> Company:
    """`met` (images of the class, neighbours): the classes of their nearest."""
    others = Counter(int(other) for other in met.ravel() if other != label)
    most = class_names[others.most_common(1)[0][0]] if others else None
    return Company(class_names[label], len(met), float(np.mean(met == label)), most)


def _words(name: str, companies: tuple[Company, ...]) -> str:
    told = "; ".join(f"{c.name}: {100 * c.own:.0f} %" for c in companies)
    return (
        f"Map of {name}: one mark for each image, formed and coloured by its class. "
        f"Share of nearest neighbours of the same class: {told}."
    )


def _drawn(
    places: NDArray[np.float64], labels: NDArray[np.integer], forms: tuple[Mark, ...], words: str
) -> Markup:
    low, high = places.min(axis=0), places.max(axis=0)
    scale = (SIDE - 2 * EDGE) / max(float(high[0] - low[0]), float(high[1] - low[1]) * 0.8, 1e-9)
    at = EDGE + (places - low) * scale  # (N, 2)
    width, height = at.max(axis=0) + EDGE
    points = Markup("").join(forms[label].at(x, y) for label, (x, y) in zip(labels, at, strict=True))
    return Markup('<svg class="map" role="img" aria-label="{}" viewBox="0 0 {:.0f} {:.0f}">{}</svg>').format(
        words, width, height, points
    )
