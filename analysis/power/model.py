"""The model that planned studies are drawn from: volunteers and trials before anybody listens."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from analysis.errors import AnalysisError

Floats = NDArray[np.float64]

# Nodes of the Gauss-Hermite rule: the integrals below are exact to 9 digits up to a spread of 5.
_NODES = 80
_FARTHEST = 60.0  # logits; expit is 0 or 1 to the last digit beyond


class ImpossibleDesign(AnalysisError):
    """A study can't be planned as described; the message says what to change."""


@dataclass(frozen=True)
class Design:
    """A study to be planned.

    Volunteer i is right in trial j with probability 1/k + (1 - 1/k) * expit(m + a_i + b_j), where a_i and b_j
    are normal with the two spreads, and m makes `accuracy` the mean over new volunteers and new trials.

    accuracy   what volunteers reach on average, from 1/k to below 1
    trials     trials of each volunteer
    options    k, pictures to choose from
    sd_people  spread of volunteers, in logits above the floor 1/k
    sd_items   spread of trials, likewise
    """

    accuracy: float = 0.5
    trials: int = 20
    options: int = 3
    sd_people: float = 1.0
    sd_items: float = 1.0

    def __post_init__(self) -> None:
        if self.options < 2:
            raise ImpossibleDesign("A trial has at least two options.")
        if self.trials < 2:
            raise ImpossibleDesign("A study to be planned has at least two trials.")
        if not self.chance <= self.accuracy < 1:
            raise ImpossibleDesign(
                f"The accuracy to plan for lies from {self.chance:.3f}, which is chance, to below 1; it is "
                f"{self.accuracy:g}."
            )
        if not (0 <= self.sd_people <= MOST_SPREAD and 0 <= self.sd_items <= MOST_SPREAD):
            raise ImpossibleDesign(f"A spread lies from 0 to {MOST_SPREAD:g} logits.")

    @property
    def chance(self) -> float:
        return 1 / self.options


MOST_SPREAD = 5.0


def middle(design: Design) -> float:
    """The logit m at which the mean over volunteers and trials is the accuracy; -inf at chance."""
    above = (design.accuracy - design.chance) / (1 - design.chance)
    if above <= 0:
        return -np.inf
    sd = float(np.hypot(design.sd_people, design.sd_items))
    return float(brentq(lambda m: normal_mean(expit, m, sd) - above, -_FARTHEST, _FARTHEST))


def normal_mean(function: Callable[[Floats], Floats], mean: float, sd: float) -> float:
    """E[function(X)] for X normal, by Gauss and Hermite's rule."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return float(weights @ function(mean + sd * nodes) / weights.sum())


def probabilities(design: Design, people: int, studies: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """How likely each volunteer of each study is right in each trial: (studies, people, trials)."""
    volunteers = rng.normal(0, design.sd_people, (studies, people, 1))
    items = rng.normal(0, design.sd_items, (studies, 1, design.trials))
    found = design.chance + (1 - design.chance) * expit(middle(design) + volunteers + items)
    return np.asarray(found, dtype=np.float32)
