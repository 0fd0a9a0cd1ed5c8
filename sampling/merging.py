"""Classes too small for a study, joined to the class that lies nearest."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sampling.errors import LatentsError
from sampling.geometry import Array, comparable, distances_to, total
from sampling.latents import Latents


@dataclass(frozen=True, eq=False)
class _Group:
    """Classes that have become one."""

    names: tuple[str, ...]
    labels: tuple[int, ...]
    total: Array  # the sum of its latents, (D,)
    count: int

    @property
    def name(self) -> str:
        return "+".join(self.names)

    @property
    def centroid(self) -> Array:
        return self.total / self.count

    def joined(self, other: _Group) -> _Group:
        names = tuple(sorted(self.names + other.names))
        return _Group(names, self.labels + other.labels, self.total + other.total, self.count + other.count)


def merge_small_classes(latents: Latents, members_needed: int) -> Latents:
    """The same images, with every class smaller than `members_needed` merged into the nearest one.

    The smallest class goes first, into the class with the nearest centroid, and the new class has a centroid
    of its own before the next is looked at; ties go to the name that comes first. The new class is called by
    all its parts, "happy+peaceful". Classes without images vanish. Labels are new, alphabetical by name.
    """
    groups = [
        _Group((name,), (label,), total(latents, rows), len(rows))
        for label, name in enumerate(latents.class_names)
        if len(rows := latents.members(label))
    ]
    while len(groups) > 1:
        smallest = min(groups, key=lambda group: (group.count, group.name))
        if smallest.count >= members_needed:
            break
        groups.remove(smallest)
        nearest = _nearest(smallest, groups)
        groups.remove(nearest)
        groups.append(smallest.joined(nearest))
    return _relabelled(latents, sorted(groups, key=lambda group: group.name))


def _nearest(group: _Group, others: list[_Group]) -> _Group:
    distances = comparable(distances_to(group.centroid, np.stack([other.centroid for other in others])))
    return min(zip(distances, others, strict=True), key=lambda pair: (pair[0], pair[1].name))[1]


def _relabelled(latents: Latents, groups: list[_Group]) -> Latents:
    names = tuple(group.name for group in groups)
    if len(set(names)) < len(names):
        name = next(name for name in names if names.count(name) > 1)
        raise LatentsError(f"Merging small classes makes a second class named '{name}'; rename the first.")
    new_label = np.full(len(latents.class_names), -1)
    for place, group in enumerate(groups):
        new_label[list(group.labels)] = place
    return replace(latents, labels=new_label[latents.labels], class_names=names)
