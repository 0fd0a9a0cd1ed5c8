"""Keys above a chart: classes by colour and form, and what else needs saying, as many lines as it takes."""

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analysis.figures.legend import LINE_SPACE, Entry, add_entries, short
from analysis.figures.style import CLASS_COLOURS, CLASS_MARKS, INK, MUTED

GREY = "#BBBBBB"


def add_key(figure: Figure, groups: Sequence[Sequence[Entry]], top: float) -> float:
    """Put groups of entries one below the other, `top` inches from the upper edge; returns where they end."""
    for group in groups:
        top += add_entries(figure, group, top) + LINE_SPACE
    return top


def class_entries(names: Sequence[str]) -> list[Entry]:
    """One mark per class, in its colour and form."""
    return [
        (_mark(CLASS_MARKS[place], CLASS_COLOURS[place], MUTED, 0.3), short(name))
        for place, name in enumerate(names)
    ]


def part_entries() -> list[Entry]:
    """What a picture is in the study."""
    return [
        (_mark("o", "white", GREY, 1.3, 3.8), "example"),
        (_mark("o", GREY, MUTED, 0.3), "option"),
        (_mark("o", GREY, INK, 1.1, 5.6), "clip was made from it"),
    ]


def _mark(form: str, fill: str, edge: str, width: float, size: float = 4.4) -> Any:
    return Line2D(
        [], [], linestyle="none", marker=form, markersize=size, markerfacecolor=fill, markeredgecolor=edge,
        markeredgewidth=width,
    )  # fmt: skip
