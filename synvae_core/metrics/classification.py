"""What a classifier saw beside what was true: accuracy with its interval, recall per class, confusion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synvae_core.errors import SynvaeError

NORMAL_95 = 1.959963984540054  # the normal distribution's 97.5 % point


class NothingClassified(SynvaeError):
    """A share was asked for where there is nothing to count."""


@dataclass(frozen=True)
class Classification:
    """How often the true class was seen.

    accuracy     share of the N examples whose class was seen
    interval     its 95 % Wilson score interval, for N examples drawn anew
    mean_one_vs_rest_accuracy  see the function of that name
    recall       per class, the share of its examples in which it was seen; None for a class without any
    confusion    how often class i was seen as class j, row by row
    class_names  the classes, in the order of recall and of confusion's rows and columns
    """

    accuracy: float
    interval: tuple[float, float]
    mean_one_vs_rest_accuracy: float
    recall: tuple[float | None, ...]
    confusion: tuple[tuple[int, ...], ...]
    class_names: tuple[str, ...]


def classified(
    labels: NDArray[np.integer], seen: NDArray[np.integer], class_names: tuple[str, ...]
) -> Classification:
    """Compares labels (N,) with what was seen (N,), both indices into `class_names`.

    Raises NothingClassified for N = 0.
    """
    count = len(class_names)
    table = np.bincount(np.asarray(labels) * count + np.asarray(seen), minlength=count**2)
    table = table.reshape(count, count)
    right, of_class = int(table.trace()), table.sum(axis=1)
    return Classification(
        accuracy=share(right, len(labels)),
        interval=wilson(right, len(labels)),
        mean_one_vs_rest_accuracy=mean_one_vs_rest_accuracy(table.tolist()),
        recall=tuple(float(table[i, i] / of_class[i]) if of_class[i] else None for i in range(count)),
        confusion=tuple(tuple(int(n) for n in row) for row in table),
        class_names=class_names,
    )


def mean_one_vs_rest_accuracy(confusion: Sequence[Sequence[int]]) -> float:
    """Accuracy of the decisions "this class or another", averaged over the K classes of a table (K, K).

    The measure of the code that was published with the paper. An example whose class is not seen is decided
    wrongly twice, of K times: as its own class and as the one seen instead. So it is exactly
    1 - 2 (1 - accuracy) / K, and guessing one of ten equally frequent classes has .82. Raises
    NothingClassified for an empty table.
    """
    right = sum(row[number] for number, row in enumerate(confusion))
    return 1 - 2 * (1 - share(right, sum(map(sum, confusion)))) / len(confusion)


def share(right: int, count: int) -> float:
    """right / count; raises NothingClassified for nothing."""
    if count == 0:
        raise NothingClassified("There is nothing to classify; give at least one image.")
    return right / count


def wilson(right: int, count: int, z: float = NORMAL_95) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927): no width of zero at 0 and 1, and within them."""
    p = share(right, count)
    middle = (p + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * math.sqrt(p * (1 - p) / count + z**2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)
