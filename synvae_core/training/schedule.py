"""What follows from a step's number alone: its examples, its seed, its rate, and what grows or falls."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

from synvae_core.noise import seeded
from synvae_core.training.config import Schedule, SynVaeRecipe

STEP_SEEDS = 1_000_003  # a prime apart, so that no two steps of neighbouring seeds share their noise


def learning_rate(schedule: Schedule, step: int) -> float:
    """The rate at a step: in each phase a linear warm-up, then none, a linear or a cosine fall to zero."""
    first, end, rate = schedule.phase(step)
    left = (end - step) / (end - first)
    fall = {"none": 1.0, "linear": left, "cosine": 0.5 * (1 + math.cos(math.pi * (1 - left)))}[schedule.decay]
    return rate * fall * min(1.0, (step - first + 1) / max(1, schedule.warm_up))


def noise_seed(schedule: Schedule, step: int) -> int:
    """The seed of all noise in a step."""
    return schedule.seed * STEP_SEEDS + step


def epoch_of(examples: int, schedule: Schedule, step: int) -> int:
    """The number of the pass over the examples in which a step lies, from 0."""
    return step // (examples // min(schedule.batch, examples))


def batch_indices(examples: int, schedule: Schedule, step: int) -> Tensor:
    """The examples of a step (B,): whole passes in an order drawn per pass, incomplete batches dropped."""
    size = min(schedule.batch, examples)
    epoch = epoch_of(examples, schedule, step)
    place = step - epoch * (examples // size)
    order = _shuffled(examples, schedule.seed * STEP_SEEDS - 1 - epoch)
    return order[place * size : (place + 1) * size]


@lru_cache(maxsize=2)
def _shuffled(examples: int, seed: int) -> Tensor:
    return torch.randperm(examples, generator=seeded(seed))


def ramped(value: float, ramp: int, step: int) -> float:
    """`value`, grown from 0 over the first `ramp` steps."""
    return value * min(1.0, step / max(1, ramp)) if ramp else value


def temperature(recipe: SynVaeRecipe, step: int) -> float:
    """The relaxation's temperature at a step, falling geometrically from the first to the last."""
    if recipe.temperature_end is None:
        return recipe.temperature
    gone = step / max(1, recipe.steps - 1)
    return recipe.temperature ** (1 - gone) * recipe.temperature_end**gone
