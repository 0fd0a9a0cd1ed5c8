"""The control: the same clips over the same pictures, given to other pictures than they were made from.

A pure function of a seed and names: of a thousand orders that SHA-256 gives for them, the one is taken that
spreads the clips of each class most evenly over the classes of the pictures. So somebody who hears every
class perfectly is right about as often as somebody who guesses, and the examples teach nothing. No picture
keeps its own clip where another way exists.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

ORDERS = 1000


def clips(class_of: Mapping[str, int], seed: int) -> dict[str, str]:
    """Return for each picture the picture whose clip it gets; a permutation of the ids.

    `class_of` gives each picture's class: the truths of a study's trials, or its examples.
    """
    pictures = sorted(class_of)
    orders = [_order(pictures, seed, number) for number in range(ORDERS)]
    best = min(orders, key=lambda sources: _unevenness(pictures, sources, class_of))
    return dict(zip(pictures, best, strict=True))


def _order(pictures: Sequence[str], seed: int, number: int) -> list[str]:
    return sorted(
        pictures, key=lambda id_: hashlib.sha256(f"{seed}/exchange/{number}/{id_}".encode()).digest()
    )


def _unevenness(
    pictures: Sequence[str], sources: Sequence[str], class_of: Mapping[str, int]
) -> tuple[int, float]:
    """Return how many keep their own clip, then how far the classes of clips and pictures go together.

    The sum of squares of counts less what independence gives; agreement, which is what a volunteer's score
    shows, weighs as much as all else.
    """
    kept = sum(picture == source for picture, source in zip(pictures, sources, strict=True))
    sizes = Counter(class_of.values())
    pairs = Counter((class_of[a], class_of[b]) for a, b in zip(pictures, sources, strict=True))
    expected = {(a, b): sizes[a] * sizes[b] / len(pictures) for a in sizes for b in sizes}
    agreement = sum(pairs[a, a] - expected[a, a] for a in sizes)
    return kept, sum((pairs[pair] - expected[pair]) ** 2 for pair in expected) + len(sizes) * agreement**2
