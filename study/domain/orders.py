"""The orders a session sees, as pure functions of its seed: anybody can re-derive them with SHA-256 alone.

Things are sorted by the SHA-256 of a text that holds the seed and the thing's own name, which is a uniformly
random order that no library version can change.
"""

import hashlib
from collections.abc import Sequence


def trial_order(seed: int, numbers: Sequence[int]) -> list[int]:
    """Return the trials' planned numbers in the order that this seed shows them."""
    return sorted(numbers, key=lambda number: _key(f"{seed}/trial/{number}"))


def option_order(seed: int, number: int, slots: int) -> list[int]:
    """Return the option slots 0..slots-1 of trial `number`, from first to last place on the screen."""
    return sorted(range(slots), key=lambda slot: _key(f"{seed}/trial/{number}/option/{slot}"))


def layout_order(seed: int, attempt: int, layouts: Sequence[str]) -> list[str]:
    """Return the layouts of a headphone check's attempt (from 1) in the order that this seed plays them."""
    places = sorted(range(len(layouts)), key=lambda place: _key(f"{seed}/headphones/{attempt}/{place}"))
    return [layouts[place] for place in places]


def practice_truth(seed: int, slots: int) -> int:
    """Return the slot that the clip of the practice trial comes from."""
    return min(range(slots), key=lambda slot: _key(f"{seed}/practice/truth/{slot}"))


def practice_order(seed: int, slots: int) -> list[int]:
    """Return the option slots of the practice trial, from first to last place on the screen."""
    return sorted(range(slots), key=lambda slot: _key(f"{seed}/practice/option/{slot}"))


def practice_example(seed: int, slot: int, positions: Sequence[int]) -> int:
    """Return which of a class's examples (their places in it) the practice trial shows."""
    return min(positions, key=lambda position: _key(f"{seed}/practice/example/{slot}/{position}"))


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
