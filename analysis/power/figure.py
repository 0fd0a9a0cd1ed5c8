"""The curve of power over numbers of volunteers, as SVG, PDF or PNG."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.figures.style import GRID, INK, MUTED, render, write
from analysis.power.planning import Plan
from analysis.power.words import as_sentence

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_T, _BOOTSTRAP = "#0072B2", "#D55E00"


@dataclass(frozen=True)
class PowerFigure:
    """The chart, ready to be rendered; `alt_text` says in words what it shows."""

    plan: Plan
    alt_text: str

    def save(self, path: str | Path) -> Path:
        """Write .svg, .pdf or .png, as the name ends. Raises FigureError."""
        path = Path(path)
        write(path, self.render(path.suffix.lower().removeprefix(".")))
        return path

    def render(self, kind: str) -> bytes:
        """The chart as "svg", "pdf" or "png"; equal plans give equal bytes. Raises FigureError."""
        from analysis.figures.svg import described

        content = render(partial(_draw, self.plan), kind)
        return described(content, "Power", self.alt_text) if kind == "svg" else content


def power_figure(plan: Plan) -> PowerFigure:
    """Power of both tests, with 95 % Monte Carlo intervals, and the target as a dashed line."""
    return PowerFigure(plan, as_sentence(plan))


def _draw(plan: Plan) -> "Figure":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6, 2.9), layout="constrained")
    axes = figure.add_subplot()
    people = [found.people for found in plan.powers]
    for name, colour, mark, shares in (
        ("t test, new volunteers", _T, "o", [found.t_test for found in plan.powers]),
        ("bootstrap, new volunteers and trials", _BOOTSTRAP, "s", [found.bootstrap for found in plan.powers]),
    ):
        axes.errorbar(
            people,
            [share.power for share in shares],
            yerr=[1.96 * share.standard_error for share in shares],
            color=colour, marker=mark, markersize=4, linewidth=1.2, capsize=2, label=name,
            linestyle="-" if mark == "o" else "--", clip_on=False, zorder=3,
        )  # fmt: skip
    axes.axhline(plan.target, color=MUTED, linewidth=0.8, linestyle=":", label=f"target {plan.target:g}")
    axes.set(xlabel="volunteers", ylabel="power", ylim=(0, 1), xticks=people)
    axes.set_xlim(left=0)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.tick_params(colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    return figure
