"""Which classes a study is about."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import combinations

import numpy as np

from sampling.design import Design
from sampling.errors import ClassTooSmall, DesignError
from sampling.geometry import Array, centroid, comparable, pairwise
from sampling.latents import Latents

SEARCH_LIMIT = 1_000_000  # groups without their last class; some seconds
SPREAD = {"perimeter": np.add, "max_min": np.minimum}  # how the sides of a group become one number


def choose_classes(latents: Latents, design: Design) -> tuple[int, ...]:
    """The labels of the study's classes, in alphabetical order of their names.

    Names decide the order, never label numbers, which differ between splits and exports of the same data.
    """
    needed = design.members_needed
    if isinstance(design.classes, int):
        return most_distinct_classes(latents, design.classes, rule=design.rule, members_needed=needed)
    return _named_classes(latents, design.classes, needed)


def most_distinct_classes(
    latents: Latents, count: int = 3, *, rule: str = "perimeter", members_needed: int = 1
) -> tuple[int, ...]:
    """The labels of the `count` classes whose centroids lie farthest apart, alphabetically by name.

    `perimeter` (the paper's) takes the largest sum of pairwise distances, for three classes the perimeter of
    their triangle; `max_min` the largest smallest distance. A tie goes to the better by the other rule, then
    to the names that come first. Only classes of at least `members_needed` images count. Raises ClassTooSmall
    if too few are left, DesignError if there are too many groups to compare them all.
    """
    Design(classes=count, rule=rule)  # refuses what it would refuse
    counts, members_needed = latents.counts(), max(1, members_needed)  # no image, no centroid
    eligible = [label for label in _by_name(latents) if counts[label] >= members_needed]
    if len(eligible) < count:
        raise _too_few(latents, len(eligible), count, members_needed)
    if math.comb(len(eligible), count - 1) > SEARCH_LIMIT:
        raise DesignError(
            f"There are too many ways to choose {count} of {len(eligible)} classes to compare them all; "
            f"choose the classes by name or ask for fewer."
        )
    between = comparable(pairwise(np.stack([centroid(latents, label) for label in eligible])))
    return tuple(eligible[place] for place in most_distinct(between, count, rule))


def most_distinct(between: Array, count: int, rule: str) -> tuple[int, ...]:
    """The `count` of K places that lie farthest apart by the rule, given all distances (K, K); exact.

    Groups are compared in lexicographic order, all last members of a group at once.
    """
    first, second = SPREAD[rule], SPREAD["max_min" if rule == "perimeter" else "perimeter"]
    best, chosen = (-1.0, -1.0), tuple[int, ...]()
    for head in combinations(range(len(between) - 1), count - 1):
        spreads = _spreads(between, head, first)
        widest = spreads.max()
        if widest < best[0]:
            continue
        ties = np.where(spreads == widest, _spreads(between, head, second), -1.0)
        if (widest, ties.max()) > best:
            best, chosen = (widest, ties.max()), (*head, head[-1] + 1 + int(ties.argmax()))
    return chosen


def _spreads(between: Array, head: tuple[int, ...], rule: np.ufunc) -> Array:
    """The spread of head + (last,) for every last place after the head."""
    spreads: Array = rule.reduce(between[list(head), head[-1] + 1 :], axis=0)
    for one, other in combinations(head, 2):
        spreads = rule(spreads, between[one, other])
    return spreads


def _named_classes(latents: Latents, names: tuple[str, ...], needed: int) -> tuple[int, ...]:
    unknown = [name for name in names if name not in latents.class_names]
    if unknown:
        raise DesignError(f"There is no class {_quoted(unknown)}; there are {_quoted(latents.class_names)}.")
    labels = tuple(label for label in _by_name(latents) if latents.class_names[label] in names)
    small = _smaller(latents, labels, needed)
    if small:
        raise ClassTooSmall(
            f"Each class needs {needed} images, too small: {_sizes(latents, small)}; "
            f"add images, choose other classes or plan fewer trials."
        )
    return labels


def _too_few(latents: Latents, found: int, count: int, needed: int) -> ClassTooSmall:
    small = _smaller(latents, _by_name(latents), needed)
    return ClassTooSmall(
        f"The study needs {count} classes of at least {needed} images, but there are {found} such"
        + (f", too small: {_sizes(latents, small)}" if small else "")
        + "; add images, merge small classes, or plan fewer classes or trials."
    )


def _by_name(latents: Latents) -> list[int]:
    return sorted(range(len(latents.class_names)), key=latents.class_names.__getitem__)


def _smaller(latents: Latents, labels: Iterable[int], needed: int) -> list[int]:
    counts = latents.counts()
    return [label for label in labels if counts[label] < needed]


def _sizes(latents: Latents, labels: list[int]) -> str:
    counts = latents.counts()
    return ", ".join(f"'{latents.class_names[label]}' ({counts[label]})" for label in labels)


def _quoted(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)
