"""Looking at results while a study runs, by a rule declared before: fixed looks with bounds that keep 5 %.

Who looks after every volunteer and stops when it looks good finds something in guessing sooner or later. A
group sequential rule fixes the looks and makes each of them stricter, so that all together find something in
guessing in 5 % of studies (one-sided).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, stdtr

from analysis.errors import AnalysisError
from analysis.values import Number, Undefined, is_number

ALPHA = 0.05
MOST_LOOKS = 5
NAMES = {"pocock": "Pocock", "obrien_fleming": "O’Brien and Fleming"}

_NODES = 200
_FAR = 8.0  # standard deviations, beyond which no study ends


class InvalidRule(AnalysisError):
    """A sequential rule can't be followed as it is declared."""


@dataclass(frozen=True, slots=True)
class Looks:
    """The rule: after how many volunteers is looked, and by which bounds.

    planned  volunteers at the last look
    looks    how often is looked, the last one included, at equal distances
    bound    "pocock": every look equally strict; "obrien_fleming": early looks very strict, the last hardly
    """

    planned: int
    looks: int
    bound: str

    def __post_init__(self) -> None:
        if self.bound not in NAMES:
            raise InvalidRule(f"There is no bound '{self.bound}'; there are {', '.join(NAMES)}.")
        if not 2 <= self.looks <= MOST_LOOKS:
            raise InvalidRule(f"A sequential rule has 2 to {MOST_LOOKS} looks.")
        if self.planned < 2 * self.looks:
            raise InvalidRule("Every look needs at least two more volunteers than the one before.")

    @property
    def volunteers(self) -> tuple[int, ...]:
        """Volunteers at each look."""
        return tuple(-(-self.planned * look // self.looks) for look in range(1, self.looks + 1))

    @property
    def levels(self) -> tuple[float, ...]:
        """The p (one-sided) that each look has to stay under."""
        return tuple(float(ndtr(-z)) for z in critical_values(self.looks, self.bound))


@dataclass(frozen=True, slots=True)
class Look:
    """One look: p is Undefined where not so many are counted yet, or all are equally right."""

    volunteers: int
    level: float
    p: Number

    @property
    def found(self) -> bool:
        return is_number(self.p) and self.p < self.level


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared rule, and every session in the order in which it finished."""

    rule: Looks
    order: tuple[str, ...]


NO_RULE = Undefined("No sequential rule is given.")
OF_A_PART = Undefined("The declared sequential rule is followed over all volunteers, not over some of them.")
OF_CONDITIONS = Undefined(
    "The declared sequential rule tests one accuracy of all volunteers, and conditions are counted apart, so "
    "it can't be followed."
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rule says now. Looks after the first that found something count for nothing."""

    rule: Looks
    looks: tuple[Look, ...]
    counted: int

    @property
    def stopped(self) -> Look | None:
        """The look at which the rule ends the study with a finding."""
        return next((look for look in self.looks if look.found), None)

    @property
    def over(self) -> bool:
        """Whether the rule allows to end the study."""
        return self.stopped is not None or self.counted >= self.rule.planned

    @property
    def ended_at(self) -> int | None:
        """The number, from 1, of the look at which the study ended by the rule; None while it goes on."""
        if look := self.stopped:
            return self.looks.index(look) + 1
        return len(self.looks) if self.over else None

    @property
    def sentence(self) -> str:
        """What to do, in a sentence."""
        if look := self.stopped:
            return (
                f"The declared rule ends the study: at {look.volunteers} volunteers the result is above "
                f"chance (p = {look.p:.4f}, under {look.level:.4f})."
            )
        if self.counted >= self.rule.planned:
            return "The declared rule ends the study: no look found a result above chance."
        ahead = next(look for look in self.looks if look.volunteers > self.counted)
        return (
            f"The declared rule says to go on: the next look is at {ahead.volunteers} volunteers, "
            f"{self.counted} {'is' if self.counted == 1 else 'are'} counted so far."
        )


def verdict(rule: Looks, above: Sequence[float]) -> Verdict:
    """Follow the rule through volunteers in the order in which they finished.

    above  accuracy of each counted volunteer less chance; looks test the first ones by Student's t,
           one-sided, and hold p against the level of the look (Jennison and Turnbull 2000, section 4.4)
    """
    looks = tuple(
        Look(n, level, _p(np.asarray(above[:n]), n))
        for n, level in zip(rule.volunteers, rule.levels, strict=True)
    )
    return Verdict(rule, looks, len(above))


def _p(above: np.typing.NDArray[np.float64], n: int) -> Number:
    if len(above) < n:
        return Undefined("Not so many are counted yet.")
    if np.ptp(above) < 1e-12:
        return Undefined("All volunteers lie equally far from chance, so a t test has no spread to go by.")
    t = above.mean() / (above.std(ddof=1) / np.sqrt(n))
    return float(stdtr(n - 1, -t))


@cache
def critical_values(looks: int, bound: str, alpha: float = ALPHA) -> tuple[float, ...]:
    """The z of each of equally spaced looks that all together are passed by guessing with probability alpha.

    Pocock 1977 (Biometrika 64, 191-199): one z for all. O'Brien and Fleming 1979 (Biometrics 35, 549-556):
    z at look k of K falls with sqrt(K / k).
    """
    falls = [1.0 if bound == "pocock" else float(np.sqrt(looks / k)) for k in range(1, looks + 1)]
    scale = brentq(lambda c: _passed([c * fall for fall in falls]) - alpha, 0.5, _FAR / 2)
    return tuple(scale * fall for fall in falls)


def _passed(bounds: Sequence[float]) -> float:
    """Probability that a walk of normal steps passes a bound (Armitage, McPherson and Rowe 1969)."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    passed, places, mass = 0.0, np.zeros(1), np.ones(1)  # where walks are that have passed none, and how many
    for k, z in enumerate(bounds, start=1):
        high = z * np.sqrt(k)
        passed += float(mass @ ndtr(places - high))
        low = -_FAR * np.sqrt(k)
        here = low + (high - low) * (nodes + 1) / 2
        steps = np.exp(-((here[:, None] - places) ** 2) / 2) / np.sqrt(2 * np.pi)
        mass = (steps @ mass) * weights * (high - low) / 2
        places = here
    return passed
