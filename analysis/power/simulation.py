"""Power by simulation: how many of many made-up studies find that volunteers do better than chance.

Two tests are counted. The t test asks whether these trials are answered above chance by new volunteers
(one-sided, 5 %); the crossed bootstrap asks it of new volunteers and new trials, and finds it where its
one-sided 95 % bound, the 5th percentile of 1,000 draws, lies above chance. See Kumle, Vo and Draschkow 2021
(Behavior Research Methods 53, 2528-2543) on power of designs with people and items.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from analysis.power.model import Design, ImpossibleDesign, probabilities

STUDIES = 800
DRAWS = 1000
ALPHA = 0.05
MOST_PEOPLE = 2000

_CHUNK = 20_000_000  # numbers held at once by the bootstrap, some 80 MB

Told = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Share:
    """The share of simulated studies in which a test found something."""

    found: int
    studies: int

    @property
    def power(self) -> float:
        return self.found / self.studies

    @property
    def standard_error(self) -> float:
        """Monte Carlo standard error of `power`."""
        return sqrt(self.power * (1 - self.power) / self.studies)


@dataclass(frozen=True, slots=True)
class Power:
    """Power of both tests with this many volunteers."""

    people: int
    t_test: Share
    bootstrap: Share


def power(
    design: Design,
    people: int,
    *,
    studies: int = STUDIES,
    seed: int = 1,
    draws: int = DRAWS,
    told: Told = lambda done: None,
) -> Power:
    """Simulate `studies` studies of `people` volunteers; equal arguments give equal numbers.

    told  is called with the number of studies done, after each part of them

    Raises ImpossibleDesign where there are no two volunteers or no study, or too many.
    """
    if not 2 <= people <= MOST_PEOPLE:
        raise ImpossibleDesign(f"Power can be simulated for 2 to {MOST_PEOPLE} volunteers.")
    if studies < 1 or seed < 0:
        raise ImpossibleDesign("A simulation needs at least one study and a seed of 0 or more.")
    rng = np.random.default_rng((seed, people, design.trials))
    step = max(1, _CHUNK // (draws * design.trials))
    found = np.zeros(2, dtype=np.int64)
    for start in range(0, studies, step):
        size = min(step, studies - start)
        right = rng.random((size, people, design.trials), dtype=np.float32)
        right = (right < probabilities(design, people, size, rng)).astype(np.float32)
        found += _by_t(right, design.chance), _by_bootstrap(right, design.chance, draws, rng)
        told(size)
    return Power(people, Share(int(found[0]), studies), Share(int(found[1]), studies))


def _by_t(right: NDArray[np.float32], chance: float) -> int:
    """Studies (S, n, T) whose volunteers' accuracies lie above chance by a one-sided t test."""
    accuracies = right.mean(axis=2, dtype=np.float64)  # (S, n)
    n = accuracies.shape[1]
    over, sd = accuracies.mean(axis=1) - chance, accuracies.std(axis=1, ddof=1)
    return int((over * sqrt(n) > stdtrit(n - 1, 1 - ALPHA) * sd).sum())


def _by_bootstrap(right: NDArray[np.float32], chance: float, draws: int, rng: np.random.Generator) -> int:
    """Studies (S, n, T) whose one-sided crossed-bootstrap bound lies above chance.

    The same draws serve all the studies given: a study's interval is as random as with draws of its own.
    """
    S, n, T = right.shape
    people = _drawn(rng, draws, n)  # (B, n)
    items = _drawn(rng, draws, T)  # (B, T)
    columns = people @ right.transpose(1, 0, 2).reshape(n, S * T)  # (B, S * T)
    means = np.einsum("bst,bt->sb", columns.reshape(draws, S, T), items)  # (S, B)
    return int((np.quantile(means, ALPHA, axis=1) / (n * T) > chance).sum())


def _drawn(rng: np.random.Generator, draws: int, n: int) -> NDArray[np.float32]:
    return np.asarray(rng.multinomial(n, np.full(n, 1 / n), size=draws), dtype=np.float32)
