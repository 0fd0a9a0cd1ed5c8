"""How far volunteers and trials lie apart, estimated from the answers of a rehearsal or a pilot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares
from scipy.special import expit

from analysis import conditions
from analysis.answers import Answer
from analysis.matrix import to_matrix
from analysis.power.model import MOST_SPREAD, Design, Floats, ImpossibleDesign, middle


@dataclass(frozen=True)
class Spread:
    """A design as answers suggest it, and how many answers that rests on."""

    design: Design
    people: int
    answers: int

    @property
    def at_the_end(self) -> tuple[str, ...]:
        """Which spreads are the largest that is tried: the answers ask for more, or are too few to tell."""
        spreads = {"volunteers": self.design.sd_people, "trials": self.design.sd_items}
        return tuple(name for name, sd in spreads.items() if sd > 0.99 * MOST_SPREAD)


def spread(answers: Sequence[Answer], *, condition: str | None = None) -> Spread:
    """Estimate accuracy, trials, options and both spreads from finished sessions that saw the pictures.

    The variances of volunteers and of trials are moments: answers of one volunteer to two trials go along
    as far as volunteers differ, answers of two volunteers to one trial as far as trials do. (Searle, Casella
    and McCulloch 1992, Variance Components, chapter 5.) The spreads in logits are those whose model has the
    same variances. Missing answers are left out of all sums.

    Raises ImpossibleDesign where answers are too few or too equal to tell; ConditionNeeded; InvalidAnswer.
    """
    everything = to_matrix(conditions.only(answers, condition))
    matrix = everything.only(everything.complete & ~everything.described)
    answered, right = matrix.answered.astype(float), matrix.correct.astype(float)
    people, trials = answered.shape
    if people < 2 or trials < 2:
        raise ImpossibleDesign(
            "Spreads are estimated from at least two finished sessions of at least two trials."
        )
    options = set(matrix.offered.sum(axis=1).tolist())
    if len(options) > 1:
        raise ImpossibleDesign("These trials differ in their number of options; plan with one number.")
    k, accuracy = int(options.pop()), float(right.sum() / answered.sum())
    if not 1 / k < accuracy < 1:
        raise ImpossibleDesign(
            f"These answers are right in {100 * accuracy:.0f} %, from which no spread can be told: it takes "
            "more than chance and less than all."
        )
    of_people, of_items = _variances((right - accuracy) * answered, answered)
    sd_people, sd_items = _in_logits(Design(accuracy, trials, k, 0, 0), of_people, of_items)
    return Spread(Design(accuracy, trials, k, sd_people, sd_items), people, int(answered.sum()))


def _variances(rest: Floats, answered: Floats) -> tuple[float, float]:
    """Variance between volunteers and between trials, of shares, from (n, T) residuals; at least 0."""
    total, squares, N = rest.sum() ** 2, float((rest**2).sum()), answered.sum()
    in_rows, in_columns = (rest.sum(axis=1) ** 2).sum(), (rest.sum(axis=0) ** 2).sum()
    rows, columns = (answered.sum(axis=1) ** 2).sum(), (answered.sum(axis=0) ** 2).sum()
    apart = (total - in_rows - in_columns + squares) / max(1.0, N * N - rows - columns + N)
    of_people = (in_rows - squares) / max(1.0, rows - N) - apart
    of_items = (in_columns - squares) / max(1.0, columns - N) - apart
    return max(0.0, float(of_people)), max(0.0, float(of_items))


def _in_logits(design: Design, of_people: float, of_items: float) -> tuple[float, float]:
    """The two spreads in logits under which shares have these variances; at most MOST_SPREAD."""
    wanted = np.sqrt([of_people, of_items])

    def off(spreads: Floats) -> Floats:
        tried = Design(design.accuracy, design.trials, design.options, float(spreads[0]), float(spreads[1]))
        return np.asarray(np.sqrt(variances(tried)) - wanted)

    found = least_squares(off, [0.5, 0.5], bounds=(0, MOST_SPREAD)).x
    # The bounds are only approached; a hundredth of a logit is nothing.
    sd_people, sd_items = (0.0 if sd < 0.01 else round(float(sd), 4) for sd in found)
    return sd_people, sd_items


def variances(design: Design) -> Floats:
    """Variance of shares over volunteers, and over trials, that a design implies, (2,)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    at = middle(design) + design.sd_people * nodes[:, None] + design.sd_items * nodes
    chances = (1 - design.chance) * expit(at)  # (people, items)
    mean = weights @ chances @ weights
    over_people = weights @ (chances @ weights - mean) ** 2
    over_items = weights @ (weights @ chances - mean) ** 2
    return np.array([max(0.0, float(over_people)), max(0.0, float(over_items))])
