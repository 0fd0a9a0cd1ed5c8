"""Which images a report shows: as many of each class as fit, drawn by a seed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def stratified(labels: NDArray[np.integer], count: int, seed: int) -> Rows:
    """At most `count` row numbers, taken from the classes in turn; within each class drawn at random.

    labels (N,), in which -1 stands for no class. The rows come class by class. A larger count keeps every row
    that a smaller one has; the same labels and seed give the same rows.
    """
    labels = np.asarray(labels)
    order = np.random.default_rng(seed).permutation(len(labels))
    turn = np.empty(len(labels), dtype=np.int64)  # 0 for the first of its class, 1 for the second, ...
    for label in np.unique(labels):
        mine = order[labels[order] == label]
        turn[mine] = np.arange(len(mine))
    place = np.empty(len(labels), dtype=np.int64)
    place[order] = np.arange(len(labels))
    chosen = np.lexsort((place, labels, turn))[:count]
    return chosen[np.lexsort((turn[chosen], labels[chosen]))].astype(np.int64)
