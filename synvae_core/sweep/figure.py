"""Reconstruction against KL, a point for each cell: what a change of beta buys and costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from synvae_core.files import whole_file
from synvae_core.sweep.table import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Told apart without colour: by marker, by line, and by a shade of grey.
STYLES = (("o", "-", "0.0"), ("s", "--", "0.35"), ("^", "-.", "0.5"), ("D", ":", "0.2"), ("v", "-", "0.6"))
SIZE = 7.0, 4.6  # inches
LABEL = 0.05, 0.055  # width and height of a label beside its point, as shares of the points' range
Line = list[tuple[str, float, float]]  # label of the point, KL, squared error


def lines_of(rows: Sequence[Row]) -> dict[str, Line]:
    """Points of finished cells along the first key, one line for each combination of the others."""
    lines: dict[str, Line] = {}
    for row in rows:
        if row.status == "finished" and {"mse", "kl"} <= row.figures.keys():
            (_, value), *others = row.cell.values
            name = ", ".join(f"{key} {text}" for key, text in others)
            lines.setdefault(name, []).append((value, row.figures["kl"], row.figures["mse"]))
    return lines


def save(rows: Sequence[Row], paths: Sequence[Path], title: str) -> bool:
    """Write the figure to each path, in the form that its ending names; False if there is no point."""
    lines = lines_of(rows)
    if not lines:
        return False
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.hashsalt": "sweep", "font.size": 10}):
        figure = Figure(figsize=SIZE, layout="constrained")
        _draw(figure.subplots(), lines, rows[0].cell.values[0][0], title)
        for path in paths:
            with whole_file(path) as file:
                kind = path.suffix.removeprefix(".")
                metadata = {"Date": None} if kind == "svg" else None
                figure.savefig(file, format=kind, dpi=200, metadata=metadata)
    return True


def _draw(axes: Axes, lines: dict[str, Line], key: str, title: str) -> None:
    free = _uncovered(list(lines.values()))
    for (name, points), (marker, dash, shade) in zip(lines.items(), STYLES * len(lines), strict=False):
        kl, error = [point[1] for point in points], [point[2] for point in points]
        axes.plot(kl, error, marker=marker, linestyle=dash, color=shade, markersize=5, label=name or None)
        for label, x, y in (point for point in points if point in free):
            axes.annotate(label, (x, y), (5, 5), textcoords="offset points", fontsize=8, color=shade)
    axes.set_title(f"{title}: reconstruction against KL for each {key}", loc="left", fontsize=11)
    axes.set_xlabel("KL divergence from the prior (nats)")
    axes.set_ylabel("squared error per image")
    axes.grid(visible=True, color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    if any(lines):
        axes.legend(frameon=False)


def _uncovered(lines: list[Line]) -> Line:
    """The points, each line's ends first, whose labels cover neither another point nor a label before."""
    everything = [point for line in lines for point in line]
    wide = (max(p[1] for p in everything) - min(p[1] for p in everything)) or 1
    high = (max(p[2] for p in everything) - min(p[2] for p in everything)) or 1
    ends = [point for line in lines for point in (line[0], line[-1])]
    kept: Line = []
    for label in [*ends, *everything]:
        others = [((p[1] - label[1]) / wide, (p[2] - label[2]) / high) for p in everything if p != label]
        before = [((p[1] - label[1]) / wide, (p[2] - label[2]) / high) for p in kept]
        on_a_point = any(0 < x < LABEL[0] and 0 < y < LABEL[1] for x, y in others)
        on_a_label = any(abs(x) < LABEL[0] and abs(y) < LABEL[1] for x, y in before)
        if not on_a_point and not on_a_label:
            kept.append(label)
    return kept
