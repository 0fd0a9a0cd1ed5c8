"""A listener of melodies alone: what it can tell, what it cannot, and that only what is heard counts."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from synvae_core.melody import HOLD, NOTE_OFF
from synvae_core.metrics.fitting import Schedule
from synvae_core.metrics.melodies import MelodyNet, NothingToTellApart, classify_melodies

SHORT = Schedule(epochs=4, batch=20, learning_rate=5e-3)
NAMES = ("rising", "falling")


def scales(count: int, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Melodies of two bars that rise or fall from anywhere, and which of them fall."""
    generator = np.random.default_rng(seed)
    falling = generator.integers(0, 2, count)
    steps = np.arange(32)
    pitches = generator.integers(35, 60, (count, 1)) + np.where(falling == 1, -1, 1)[:, None] * (steps // 4)
    return np.where(steps % 4 == 0, pitches, HOLD), falling


def test_rising_and_falling_scales_are_told_apart_wherever_they_begin() -> None:
    found = classify_melodies(*scales(300), *scales(100, seed=1), NAMES, schedule=SHORT)
    assert found.accuracy > 0.9
    assert found.interval[0] < found.accuracy <= found.interval[1]
    assert sum(map(sum, found.confusion)) == 100
    assert found.class_names == NAMES


def test_labels_that_have_nothing_to_do_with_the_melody_are_guessed() -> None:
    (train, _), (test, _) = scales(300), scales(200, seed=1)
    generator = np.random.default_rng(2)
    labels, others = generator.integers(0, 2, 300), generator.integers(0, 2, 200)
    assert classify_melodies(train, labels, test, others, NAMES, schedule=SHORT).interval[0] < 0.5


def test_what_cannot_be_heard_cannot_be_learned() -> None:
    """Note-offs before the first note end nothing: as an extra word of the class they must not help."""
    (train, _), (test, _) = scales(300), scales(200, seed=1)
    generator = np.random.default_rng(2)
    labels, others = generator.integers(0, 2, 300), generator.integers(0, 2, 200)
    train, test = np.roll(train, 2, axis=1), np.roll(test, 2, axis=1)
    train[:, 0], test[:, 0] = np.where(labels, NOTE_OFF, HOLD), np.where(others, NOTE_OFF, HOLD)
    assert classify_melodies(train, labels, test, others, NAMES, schedule=SHORT).interval[0] < 0.5


def test_the_same_seed_hears_the_same() -> None:
    once, again, other = (
        classify_melodies(*scales(60), *scales(40, seed=1), NAMES, schedule=Schedule(1, batch=10), seed=seed)
        for seed in (3, 3, 4)
    )
    assert once == again != other


@pytest.mark.parametrize("steps", [16, 30, 64, 256])
def test_melodies_of_any_length_fit(steps: int) -> None:
    net = MelodyNet(steps, classes=5)
    assert net(torch.zeros(3, steps, dtype=torch.int64)).shape == (3, 5)


def test_one_class_or_a_handful_of_melodies_is_refused() -> None:
    melodies, labels = scales(50)
    with pytest.raises(NothingToTellApart, match=r"50 melodies of 1 class\(es\) are too few"):
        classify_melodies(melodies, np.zeros(50, dtype=np.int64), melodies, labels, NAMES)
    with pytest.raises(NothingToTellApart, match="9 melodies"):
        classify_melodies(melodies[:9], labels[:9], melodies, labels, NAMES)
