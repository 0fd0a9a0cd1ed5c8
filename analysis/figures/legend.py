"""The key of Figure 2: one line where the figure is wide enough, else classes above marks."""

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis.figures.style import CLASS_COLOURS, INK, MUTED
from analysis.summary import Summary

CORRECT: dict[str, Any] = {"edgecolor": INK, "hatch": "/////", "linewidth": 0.9}
TRIANGLE: dict[str, Any] = {
    "marker": "v", "markersize": 4.2, "color": INK, "markeredgecolor": "white", "markeredgewidth": 0.6,
    "linestyle": "none",
}  # fmt: skip
MEAN_LINE: dict[str, Any] = {"color": INK, "linewidth": 1.0, "linestyle": (0, (4, 2))}
CHANCE_LINE: dict[str, Any] = {"color": MUTED, "linewidth": 0.9, "linestyle": (0, (1, 1.5))}

LONGEST_NAME = 32
LINE_SPACE, SPACE_BELOW = 0.03, 0.05  # inches

Entry = tuple[Any, str]


def legend_height(summary: Summary, width: float) -> float:
    """Inches that the key takes in a figure of this width."""
    return add_legend(Figure(figsize=(width, 4)), summary, 0) + SPACE_BELOW


def add_legend(figure: Figure, summary: Summary, top: float) -> float:
    """Put the key `top` inches below the upper edge; returns its height in inches."""
    classes, marks = _classes(summary), _marks()
    line = _line(figure, [*classes, *marks], len(classes) + len(marks), top)
    if _fits(figure, line):
        return _height(figure, line)
    line.remove()
    first = add_entries(figure, classes, top)
    return first + LINE_SPACE + add_entries(figure, marks, top + first + LINE_SPACE)


def add_entries(figure: Figure, entries: Sequence[Entry], top: float) -> float:
    """Put entries below `top` inches, in the most columns that fit; returns their height in inches."""
    for columns in range(len(entries), 0, -1):
        line = _line(figure, entries, columns, top)
        if columns == 1 or _fits(figure, line):
            break
        line.remove()
    return _height(figure, line)


def _fits(figure: Figure, legend: Legend) -> bool:
    return bool(legend.get_window_extent().width <= (figure.get_figwidth() - 0.1) * figure.dpi)


def _height(figure: Figure, legend: Legend) -> float:
    return float(legend.get_window_extent().height / figure.dpi)


def _line(figure: Figure, entries: Sequence[Entry], columns: int, top: float) -> Legend:
    handles, labels = [handle for handle, _ in entries], [label for _, label in entries]
    legend: Legend = figure.legend(
        handles, labels, loc="upper center", bbox_to_anchor=(0.5, 1 - top / figure.get_figheight()),
        ncols=columns, frameon=False, borderaxespad=0, borderpad=0.1, columnspacing=1.4, handlelength=1.6,
        handletextpad=0.5, labelspacing=0.35, handler_map={tuple: HandlerTuple(ndivide=None, pad=0.4)},
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)  # a dollar sign in a class name is a dollar sign
    return legend


def _classes(summary: Summary) -> list[Entry]:
    names = summary.class_names
    return [
        (Patch(facecolor=colour), short(name)) for colour, name in zip(CLASS_COLOURS, names, strict=False)
    ]


def _marks() -> list[Entry]:
    correct = Patch(facecolor="white", **CORRECT), Line2D([], [], **TRIANGLE)
    return [
        (correct, "correct option"),
        (Line2D([], [], **MEAN_LINE), "mean accuracy"),
        (Line2D([], [], **CHANCE_LINE), "chance"),
        (_upright(), "95 % interval"),
    ]


def _upright() -> Line2D:
    """An upright line, as intervals are drawn."""
    return Line2D([], [], linestyle="none", marker="|", markersize=7, markeredgewidth=0.9, color=INK)


def short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
