"""Learning: accuracy over the places of a session, with its interval, and the mean of each quarter."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from analysis.errors import FigureError
from analysis.figures.alt_text import percent
from analysis.figures.chart import Chart
from analysis.figures.material import Material
from analysis.figures.style import ACCENT, INK
from analysis.intervals import wilson
from analysis.machine.comparison import counted_by
from analysis.matrix import UNKNOWN, AnswerMatrix
from analysis.summary import Summary
from analysis.values import Interval, counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "Accuracy over the session"
QUARTERS = 4


@dataclass(frozen=True)
class Place:
    """How the trials at one place of the sessions, or at several, were answered."""

    first: int
    last: int
    correct: int
    n: int

    @property
    def accuracy(self) -> float:
        return self.correct / self.n


def learning(material: Material) -> Chart:
    """A mark with a 95 % Wilson interval per place in the order of a session; a step per quarter.

    Raises FigureError where the answers do not tell the order of their sessions.
    """
    places = by_place(counted_by(material.summary, material.answers))
    return Chart(TITLE, _alt_text(places), partial(_draw, material.summary, places))


def by_place(answers: AnswerMatrix) -> list[Place]:
    """Right answers and all answers at each place, in order; places that nobody reached are left out.

    Raises FigureError where an answer has no place.
    """
    order = answers.told["order"][answers.answered]
    if (order == UNKNOWN).any():
        raise FigureError("These answers don't tell in which order trials were taken (trial_index).")
    right = np.bincount(order, weights=answers.correct[answers.answered])
    given = np.bincount(order)
    return [
        Place(place, place, int(right[place]), int(given[place])) for place in np.flatnonzero(given).tolist()
    ]


def quarters(places: Sequence[Place]) -> list[Place]:
    """Places joined into four parts of a session as equal as can be; fewer than eight stay as they are."""
    if len(places) < 2 * QUARTERS:
        return list(places)
    cuts = [round(len(places) * part / QUARTERS) for part in range(QUARTERS + 1)]
    parts = [places[start:end] for start, end in pairwise(cuts)]
    return [
        Place(part[0].first, part[-1].last, sum(p.correct for p in part), sum(p.n for p in part))
        for part in parts
    ]


def _alt_text(places: Sequence[Place]) -> str:
    steps = quarters(places)
    told = ", ".join(f"{percent(step.accuracy)} at {_where(step)}" for step in steps)
    return f"Chart of accuracy over {counted(len(places), 'place')} of the session: {told}."


def _where(place: Place) -> str:
    return f"place {place.first}" if place.first == place.last else f"places {place.first} to {place.last}"


def _draw(summary: Summary, places: Sequence[Place]) -> "Figure":
    from matplotlib.ticker import MaxNLocator

    from analysis.figures.panel import mean_and_chance, panel, shares_upwards

    figure, axes = panel(1.9)
    shares_upwards(axes, "Accuracy (%)")
    mean_and_chance(axes, summary)
    for place in places:
        found = wilson(place.correct, place.n)
        if isinstance(found, Interval):
            axes.vlines(place.first, 100 * found.low, 100 * found.high, color=INK, linewidth=0.6, zorder=3)
    if len(places) >= 2 * QUARTERS:
        for step in quarters(places):
            axes.hlines(100 * step.accuracy, step.first - 0.4, step.last + 0.4, color=ACCENT, linewidth=2)
    axes.plot(
        [place.first for place in places],
        [100 * place.accuracy for place in places],
        linestyle="none", marker="o", markersize=3.6, color=ACCENT, markeredgecolor="white",
        markeredgewidth=0.4, zorder=4, clip_on=False,
    )  # fmt: skip
    axes.set_xlim(0.3, max(places[-1].first, 5) + 0.7)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    stepped = "; steps are means of quarters" if len(places) >= 2 * QUARTERS else ""
    axes.set_xlabel(f"Place in the session{stepped}", labelpad=3)
    return figure
