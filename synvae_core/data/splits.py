"""Which pictures are for training, for validation and for testing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from synvae_core.data.image_set import DataError

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
# Upper ends, in hundredths of the hash's range, of each split's share of the images: 80, 10 and 10 %.
SPLIT_ENDS: dict[Split, int] = {"train": 80, "validation": 90, "test": 100}
# What people call their folders.
NAMES: dict[str, Split] = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}
FEWEST_TO_TRAIN = 2


def split_named(name: str) -> Split | None:
    """The split that a folder or a cell names, if it does."""
    return NAMES.get(name.strip().lower())


def split_of(image_id: str) -> Split:
    """The split an image belongs to, from its id alone, so that adding pictures never moves the others.

    The first 8 bytes of the id's SHA-256, as a share of their range: below .8 train, below .9 validation.
    Each class is shared out in the same proportions, as far as chance allows.
    """
    hundredths = (
        int.from_bytes(hashlib.sha256(image_id.encode(errors="surrogateescape")).digest()[:8], "big") * 100
        >> 64
    )
    return next(split for split, end in SPLIT_ENDS.items() if hundredths < end)


def choose(wanted: str, keys: Sequence[str], given: Sequence[Split | None], where: Path) -> NDArray[np.int64]:
    """The rows of the split `wanted`, or all: as `given` by the owner, else by the hash of their keys.

    A split that the owner has put nothing into gets its share, by hash, of what was put into train.
    Raises DataError for an unknown split, and for one with too few pictures.
    """
    if wanted == "all":
        return np.arange(len(keys))
    if wanted not in SPLITS:
        raise DataError(f"A folder has no split {wanted!r}; choose all, {', '.join(SPLITS)}.")
    if wanted == "train" and len(keys) == 1:
        raise DataError(f"Nothing can be learnt from the one picture in {where}: add more.")
    owned = set(given) - {None}
    rows = [row for row in range(len(keys)) if _place(keys[row], given[row], owned) == wanted]
    if not rows:
        raise DataError(
            f"None of the {len(keys)} pictures in {where} falls into {wanted}; add more pictures."
        )
    if wanted == "train" and len(rows) < FEWEST_TO_TRAIN:
        raise DataError(
            f"Only one of the {len(keys)} pictures in {where} is for training, from which nothing can be "
            "learnt; add more pictures."
        )
    return np.array(rows, dtype=np.int64)


def _place(key: str, given: Split | None, owned: set[Split | None]) -> Split:
    drawn = split_of(key)
    if given == "train":
        return "train" if drawn in owned else drawn
    return given or drawn
