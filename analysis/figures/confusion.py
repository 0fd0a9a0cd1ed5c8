"""Confusion: how often a clip of each class was taken for each class."""

from functools import partial
from typing import TYPE_CHECKING

from analysis.figures.alt_text import percent
from analysis.figures.chart import Chart
from analysis.figures.material import Material
from analysis.figures.style import ACCENT, INK, MUTED, readable_on
from analysis.summary import Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Confusion of classes"
CELL, CELL_HEIGHT = 0.78, 0.5  # inches
LEFT, TOP, EDGE = 1.16, 0.62, 0.06


def confusion(material: Material) -> Chart:
    """Shares of what was chosen for the clips of each class, darker where larger, the correct ones framed."""
    return Chart(TITLE, _alt_text(material.summary), partial(_draw, material.summary))


def _alt_text(summary: Summary) -> str:
    sentences = ["Table of what was chosen for the clips of each class, the correct choice framed."]
    for name, counts in zip(summary.class_names, summary.confusion, strict=True):
        total = sum(counts)
        shares = [
            f"{chosen} by {percent(count / total)}"
            for chosen, count in zip(summary.class_names, counts, strict=True)
            if total
        ]
        told = f"For clips of {name}: {', '.join(shares)}." if shares else f"No clip was of {name}."
        sentences.append(told)
    return " ".join(sentences)


def _draw(summary: Summary) -> "Figure":
    from matplotlib.figure import Figure

    from analysis.figures.panel import WIDTH, Box, add_axes, literal, wrapped

    number = len(summary.classes)
    width = max(WIDTH, LEFT + number * CELL + EDGE)
    figure = Figure(figsize=(width, TOP + number * CELL_HEIGHT + EDGE))
    axes = add_axes(figure, Box(LEFT, TOP, number * CELL, number * CELL_HEIGHT))
    axes.set(xlim=(0, number), ylim=(number, 0))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, top=False, bottom=False, labeltop=True, labelbottom=False)
    middles = [place + 0.5 for place in range(number)]
    axes.set_xticks(middles, [wrapped(name) for name in summary.class_names])
    axes.set_yticks(middles, [f"{wrapped(score.name)}\n(n = {score.truths})" for score in summary.classes])
    literal([*axes.get_xticklabels(), *axes.get_yticklabels()])
    axes.xaxis.set_label_position("top")
    axes.set_xlabel("chosen", labelpad=3, color=MUTED)
    axes.set_ylabel("clip of", labelpad=3, color=MUTED)
    for row, counts in enumerate(summary.confusion):
        for column, count in enumerate(counts):
            _cell(axes, row, column, count, sum(counts))
    return figure


def _cell(axes: "Axes", row: int, column: int, count: int, total: int) -> None:
    from matplotlib.patches import Rectangle

    share = count / total if total else 0.0
    colour = _tint(share)
    axes.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, edgecolor="white", linewidth=1.2))
    if row == column:
        corner = column + 0.03, row + 0.045
        axes.add_patch(Rectangle(corner, 0.94, 0.91, fill=False, edgecolor=INK, linewidth=1.4, zorder=3))
    text = f"{percent(share)}\n{count}" if total else "no clip"
    ink = readable_on(colour)
    axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", color=ink, linespacing=1.3)


def _tint(share: float) -> tuple[float, float, float]:
    """From white for nothing to the accent colour for all, so that a grey copy shows the same order."""
    from matplotlib.colors import to_rgb

    red, green, blue = (1 - share * (1 - full) for full in to_rgb(ACCENT))
    return red, green, blue
