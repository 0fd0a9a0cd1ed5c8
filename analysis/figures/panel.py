"""One set of axes with margins in inches, and the lines and names that several charts share."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.figures.alt_text import percent
from analysis.figures.legend import CHANCE_LINE, MEAN_LINE
from analysis.figures.style import BAND, FONT_SIZE, GRID, INK, MUTED
from analysis.summary import Summary
from analysis.values import Interval

WIDTH = 3.5  # inches: one column of a journal, and legible on a telephone
LEFT, RIGHT, TOP, BOTTOM = 0.5, 0.8, 0.12, 0.42


@dataclass(frozen=True)
class Box:
    """Where axes lie in a figure, in inches from its left and upper edges."""

    left: float
    top: float
    width: float
    height: float


def panel(
    height: float, *, width: float = WIDTH, top: float = TOP, right: float = RIGHT
) -> tuple[Figure, Axes]:
    """A figure with one set of axes, `height` inches high."""
    figure = Figure(figsize=(width, top + height + BOTTOM))
    return figure, add_axes(figure, Box(LEFT, top, width - LEFT - right, height))


def add_axes(figure: Figure, box: Box) -> Axes:
    """Axes at this place, without the lines above and to the right."""
    width, full = figure.get_size_inches()
    bottom = full - box.top - box.height
    axes: Axes = figure.add_axes((box.left / width, bottom / full, box.width / width, box.height / full))
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=2, width=0.6, pad=2)
    axes.set_axisbelow(True)
    return axes


def shares_upwards(axes: Axes, label: str) -> None:
    """A vertical axis of 0 to 100 per cent, with room for a mark at either end."""
    axes.set_ylim(-3, 103)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.set_ylabel(label, labelpad=2)
    axes.grid(axis="y", color=GRID, linewidth=0.5)
    axes.spines["left"].set_bounds(0, 100)


def mean_and_chance(axes: Axes, summary: Summary) -> None:
    """Both lines across the axes, the interval of the mean as a band, and their names in the right margin."""
    mean, chance, found = 100 * summary.accuracy, 100 * summary.chance, summary.accuracy_interval
    if isinstance(found, Interval):
        axes.axhspan(100 * found.low, 100 * found.high, facecolor=BAND, linewidth=0, zorder=0)
    axes.axhline(mean, zorder=2, **MEAN_LINE)
    axes.axhline(chance, zorder=2, **CHANCE_LINE)
    points = 72 * axes.get_figure().get_figheight() * axes.get_position().height  # type: ignore[union-attr]
    name = mean_name(summary)
    high, low = apart(mean, chance, (8.5 + 9 * name.count("\n")) * 106 / points)
    _named(axes, high, name, INK)
    _named(axes, low, f"chance {percent(summary.chance)}", MUTED)


def mean_name(summary: Summary) -> str:
    """'mean 71 %', and on a second line the 95 % interval where there is one."""
    found = summary.accuracy_interval
    ends = f"\n({100 * found.low:.0f} to {percent(found.high)})" if isinstance(found, Interval) else ""
    return f"mean {percent(summary.accuracy)}{ends}"


def _named(axes: Axes, height: float, text: str, colour: str) -> None:
    axes.annotate(
        text, (1, height), xycoords=("axes fraction", "data"), xytext=(3, 0), textcoords="offset points",
        va="center", color=colour, fontsize=FONT_SIZE - 0.5, linespacing=1.25, annotation_clip=False,
    )  # fmt: skip


def apart(upper: float, lower: float, least: float) -> tuple[float, float]:
    """Two heights moved apart just enough that texts of height `least` don't overlap."""
    sign = 1 if upper >= lower else -1
    short = max(0.0, least - abs(upper - lower)) / 2
    return upper + sign * short, lower - sign * short


def wrapped(name: str, width: int = 13, lines: int = 3) -> str:
    """A class name on a few short lines, broken after signs that join words where there are any."""
    loose = name
    for sign in "+_/":
        loose = loose.replace(sign, f"{sign}\u200b")
    parts = textwrap.wrap(loose.replace("\u200b", " \u200b"), width) or [name]
    parts = [part.replace(" \u200b", "").replace("\u200b", "") for part in parts]
    return "\n".join(
        parts if len(parts) <= lines else [*parts[: lines - 1], parts[lines - 1][: width - 1] + "…"]
    )


def literal(texts: Sequence[Any]) -> None:
    """Let a dollar sign in a name be a dollar sign."""
    for text in texts:
        text.set_parse_math(False)
