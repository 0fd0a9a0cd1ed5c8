"""A curve of power over numbers of volunteers, and the smallest number that reaches a target."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from analysis.power.model import Design, ImpossibleDesign
from analysis.power.simulation import DRAWS, STUDIES, Power, Told, power

PEOPLE = (11, 21, 40, 80)
TARGET = 0.8
MOST_SEARCHED = 500


@dataclass(frozen=True)
class Plan:
    """Power of a design over numbers of volunteers, in the order of those numbers.

    smallest_t, smallest_bootstrap  the fewest volunteers with which a test's power reaches `target`; None
                                    where `searched` volunteers do not
    """

    design: Design
    powers: tuple[Power, ...]
    target: float
    smallest_t: int | None
    smallest_bootstrap: int | None
    searched: int
    studies: int
    draws: int
    seed: int


def plan(
    design: Design,
    people: Sequence[int] = PEOPLE,
    *,
    target: float = TARGET,
    studies: int = STUDIES,
    draws: int = DRAWS,
    seed: int = 1,
    searched: int = MOST_SEARCHED,
    told: Told = lambda done: None,
) -> Plan:
    """Simulate the curve, and search for the smallest numbers. `told` hears of each part's studies.

    Raises ImpossibleDesign.
    """
    if not 0 < target < 1:
        raise ImpossibleDesign("The power to reach lies between 0 and 1.")
    if not people:
        raise ImpossibleDesign("Name at least one number of volunteers.")
    known: dict[int, Power] = {}

    def at(n: int) -> Power:
        if n not in known:
            known[n] = power(design, n, studies=studies, seed=seed, draws=draws, told=told)
        return known[n]

    curve = tuple(at(n) for n in sorted(set(people)))
    by_t = _smallest(lambda n: at(n).t_test.power >= target, searched)
    by_bootstrap = _smallest(lambda n: at(n).bootstrap.power >= target, searched)
    return Plan(design, curve, target, by_t, by_bootstrap, searched, studies, draws, seed)


def _smallest(reached: Callable[[int], bool], most: int) -> int | None:
    """The smallest n from 2 to `most` that reaches the target, where more people mean more power."""
    low, high = 1, 4
    while not reached(min(high, most)):
        if high >= most:
            return None
        low, high = high, 2 * high
    high = min(high, most)
    while high - low > 1:
        half = (low + high) // 2
        low, high = (low, half) if reached(half) else (half, high)
    return high
