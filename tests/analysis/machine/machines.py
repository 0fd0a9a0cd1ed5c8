"""Machine listeners whose truth is known, and people who hear as they do."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from analysis import Answer
from analysis.machine.document import Machine
from analysis.machine.measuring import Layout, Measured, listen

CLASSES = ("0", "1", "4")


def layout(trials: int = 20, examples: int = 4, classes: Sequence[str] = CLASSES) -> Layout:
    """A study of pictures named after their place, truths in turn."""
    k = len(classes)
    return Layout(
        tuple(classes),
        tuple(tuple(f"e{c}-{n}" for n in range(examples)) for c in range(k)),
        tuple((tuple(f"t{t}-{c}" for c in range(k)), t % k) for t in range(trials)),
    )


def measured(plan: Layout, seed: int = 1, noise: float = 1.0) -> Measured:
    """Pictures in clumps of their classes, clips near their pictures, features that tell classes apart."""
    rng = np.random.default_rng(seed)
    shown = [(id_, c) for c, ids in enumerate(plan.examples) for id_ in ids]
    shown += [(id_, c) for ids, _ in plan.trials for c, id_ in enumerate(ids)]
    of = np.array([c for _, c in shown])
    centres = 3 * rng.normal(size=(len(plan.classes), 8))
    pictures = centres[of] + rng.normal(size=(len(of), 8))
    clips = pictures + noise * rng.normal(size=pictures.shape)
    features = rng.normal(size=(len(plan.classes), 6))[of] + noise * rng.normal(size=(len(of), 6))
    heard = np.linalg.norm(clips[:, None] - pictures[None], axis=2)
    return Measured(tuple(id_ for id_, _ in shown), heard, pictures, features)


def machine(trials: int = 20, seed: int = 1, noise: float = 1.0, classes: Sequence[str] = CLASSES) -> Machine:
    plan = layout(trials, classes=classes)
    return listen(plan, measured(plan, seed, noise), model="mnist")


def believing(found: Machine, beliefs: Sequence[Sequence[float]]) -> Machine:
    """The same machine with these probabilities for both listeners, trial by trial."""
    trials = [
        dataclasses.replace(trial, probability={"model": tuple(belief), "naive": tuple(belief)})
        for trial, belief in zip(found.trials, beliefs, strict=True)
    ]
    return dataclasses.replace(found, trials=tuple(trials))


def looking(found: Machine, looks: Sequence[Sequence[float]]) -> Machine:
    """The same machine with these distances from the true picture, trial by trial."""
    trials = [dataclasses.replace(t, looks=tuple(far)) for t, far in zip(found.trials, looks, strict=True)]
    return dataclasses.replace(found, trials=tuple(trials))


def people(found: Machine, chances: Sequence[Sequence[float]], n: int = 21, seed: int = 1) -> list[Answer]:
    """n volunteers who choose each option of a trial with these chances."""
    rng = np.random.default_rng(seed)
    return [
        Answer(
            f"s{person}", t.trial, t.options, t.truth, t.options[rng.choice(len(t.options), p=chance)],
            order=number, option_ids=t.option_ids,
        )
        for person in range(n)
        for number, (t, chance) in enumerate(zip(found.trials, chances, strict=True), start=1)
    ]  # fmt: skip
