"""Plans a study from its latents, its design and a seed, and nothing else."""

from __future__ import annotations

import math

import numpy as np
from numpy.random import PCG64, SeedSequence
from numpy.typing import NDArray

from sampling.choosing import choose_classes
from sampling.design import Design
from sampling.errors import DesignError, PlanMismatch
from sampling.latents import Latents
from sampling.members import Member, nearest_members
from sampling.merging import merge_small_classes
from sampling.plan import StudyPlan, Trial

LARGEST_SEED = 2**63 - 1  # what a database's integer column holds


def plan_study(latents: Latents, design: Design, seed: int) -> StudyPlan:
    """Choose the classes, the examples and the trials of a study (paper, sections 2.2 and 3).

    The same latents, design and seed give the same plan on every machine. The seed has a stream of its own
    for each decision: which classes get one truth more, the order of the truths, and for each class the order
    in which its nearest members are drawn: first the examples, then one for every trial. So closeness to the
    centroid decides nothing about whether an image becomes an example, in which trial it is asked about and
    where the truth lies; and with `nearest` given, asking for more trials keeps every example and the options
    of the first trials. Raises SamplingError.
    """
    if type(seed) is not int or not 0 <= seed <= LARGEST_SEED:
        raise DesignError(f"The seed must be a whole number from 0 to {LARGEST_SEED}, not {seed!r}.")
    data = merge_small_classes(latents, design.members_needed) if design.merge_small else latents
    labels = choose_classes(data, design)
    surplus, order, *draws = SeedSequence(seed).spawn(2 + len(labels))
    drawn = [
        _drawn(members, design.images_per_class, stream)
        for members, stream in zip(nearest_members(data, labels, design.members_needed), draws, strict=True)
    ]
    asked = zip(*(members[design.examples_per_class :] for members in drawn), strict=True)
    truths = balanced_truths(design.trials, len(labels), surplus, order)
    return StudyPlan(
        seed=seed,
        classes=tuple(data.class_names[label] for label in labels),
        examples=tuple(tuple(m.id for m in members[: design.examples_per_class]) for members in drawn),
        trials=tuple(
            Trial(tuple(member.id for member in options), truth)
            for options, truth in zip(asked, truths, strict=True)
        ),
        design=design,
        ranks={member.id: member.rank for members in drawn for member in members},
        distances={member.id: member.distance for members in drawn for member in members},
        latents=latents.digest(),
    )


def verify_plan(latents: Latents, plan: StudyPlan) -> None:
    """Derive the plan again from its own seed and design; raises PlanMismatch unless it is the same plan."""
    if latents.digest() != plan.latents:
        raise PlanMismatch("These are not the latents that the plan was made from: their digests differ.")
    again = plan_study(latents, plan.design, plan.seed)
    different = [
        part
        for part in ("classes", "examples", "trials", "ranks")
        if getattr(plan, part) != getattr(again, part)
    ]
    # seven digits were stored, and the last may differ between machines
    if not different and not all(
        math.isclose(plan.distances[image], distance, rel_tol=1e-6)
        for image, distance in again.distances.items()
    ):
        different = ["distances"]
    if different:
        raise PlanMismatch(
            f"The plan is not what seed {plan.seed} gives for its design: {', '.join(different)} differ."
        )


def balanced_truths(trials: int, classes: int, surplus: SeedSequence, order: SeedSequence) -> list[int]:
    """The true class of each trial: each class as often as any other, or once more, in random order."""
    turns = shuffled(classes, surplus)[np.arange(trials) % classes]
    return [int(truth) for truth in turns[shuffled(trials, order)]]


def shuffled(count: int, stream: SeedSequence) -> NDArray[np.intp]:
    """The numbers 0 to count - 1 in random order: each gets a random 64-bit key, the smallest comes first.

    A larger count leaves the smaller numbers in the order they had. The raw output of PCG64 is what numpy
    promises never to change (NEP 19); the methods of its Generator, such as permutation, may.
    """
    return np.argsort(PCG64(stream).random_raw(count), kind="stable")


def _drawn(members: list[Member], count: int, stream: SeedSequence) -> list[Member]:
    return [members[place] for place in shuffled(len(members), stream)[:count]]
