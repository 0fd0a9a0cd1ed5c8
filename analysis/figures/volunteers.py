"""Accuracy per volunteer: a mark with its interval for each, or a histogram where there are many."""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from analysis.figures.alt_text import percent
from analysis.figures.chart import Chart
from analysis.figures.material import Material
from analysis.figures.style import ACCENT, INK
from analysis.intervals import wilson
from analysis.scores import VolunteerScore
from analysis.summary import Summary
from analysis.values import Interval, counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Accuracy per volunteer"
MOST_MARKS = 60  # more marks than this can't be told apart in a column's width
MOST_BARS = 30


def volunteers(material: Material) -> Chart:
    """Volunteers from the least to the most accurate, each with a 95 % Wilson interval; mean and chance."""
    summary = material.summary
    scores = sorted(summary.volunteers, key=lambda score: (score.accuracy, score.session))
    many = len(scores) > MOST_MARKS
    return Chart(TITLE, _alt_text(summary, scores, many), partial(_bars if many else _marks, summary, scores))


def _alt_text(summary: Summary, scores: Sequence[VolunteerScore], many: bool) -> str:
    what = "Histogram" if many else "Chart"
    mean, chance = percent(summary.accuracy), percent(summary.chance)
    above = sum(score.accuracy > summary.chance for score in scores)
    low, high = percent(scores[0].accuracy), percent(scores[-1].accuracy)
    ends = f"from {low} to {high}" if low != high else f"each {low}"
    return (
        f"{what} of the accuracy of {counted(len(scores), 'volunteer')}, {ends}; the mean is {mean}, "
        f"chance {chance}. More right than chance gives: {above} of {len(scores)}."
    )


def _marks(summary: Summary, scores: Sequence[VolunteerScore]) -> "Figure":
    from analysis.figures.panel import mean_and_chance, panel, shares_upwards

    figure, axes = panel(1.9)
    shares_upwards(axes, "Accuracy (%)")
    mean_and_chance(axes, summary)
    for place, score in enumerate(scores, start=1):
        found = wilson(score.correct, score.answered)
        if isinstance(found, Interval):
            axes.vlines(place, 100 * found.low, 100 * found.high, color=INK, linewidth=0.6, zorder=3)
    axes.plot(
        range(1, len(scores) + 1),
        [100 * score.accuracy for score in scores],
        linestyle="none", marker="o", markersize=3.6, color=ACCENT, markeredgecolor="white",
        markeredgewidth=0.4, zorder=4, clip_on=False,
    )  # fmt: skip
    axes.set_xlim(0.3, max(len(scores), 5) + 0.7)
    axes.set_xticks(_ticks(len(scores)))
    axes.set_xlabel("Volunteers, from the least accurate; bars are 95 % intervals", labelpad=3)
    return figure


def _ticks(n: int) -> list[int]:
    step = 1 if n <= 10 else 5 if n <= 30 else 10
    return [1, *range(step, n + 1, step)] if step > 1 else list(range(1, n + 1))


def _bars(summary: Summary, scores: Sequence[VolunteerScore]) -> "Figure":
    from analysis.figures.legend import CHANCE_LINE, MEAN_LINE
    from analysis.figures.panel import panel

    bars = min(max(score.answered for score in scores), MOST_BARS)
    counts = Counter(round(score.accuracy * bars) for score in scores)
    figure, axes = panel(1.9, right=0.2, top=0.32)
    axes.bar(
        [100 * at / bars for at in counts], list(counts.values()), width=90 / bars, color=ACCENT, zorder=2
    )
    axes.set_xlim(-60 / bars, 100 + 60 / bars)
    axes.set_ylim(0, 1.05 * max(counts.values()))
    axes.set_xlabel("Accuracy (%)", labelpad=3)
    axes.set_ylabel("Volunteers", labelpad=2)
    right = summary.accuracy >= summary.chance  # the names turn away from each other
    _line(axes, summary.accuracy, "mean", MEAN_LINE, "left" if right else "right")
    _line(axes, summary.chance, "chance", CHANCE_LINE, "right" if right else "left")
    return figure


def _line(
    axes: "Axes", value: float, name: str, line: dict[str, Any], side: Literal["left", "right"]
) -> None:
    axes.axvline(100 * value, zorder=3, **line)
    axes.annotate(
        f"{name} {percent(value)}", (100 * value, 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
        textcoords="offset points", ha=side, va="bottom", annotation_clip=False,
    )  # fmt: skip
