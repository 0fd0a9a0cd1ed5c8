"""Drawing Figure 2: rows of trials, each a group of bars over its pictures.

Axes are measured in inches along x, so bars and the pictures below them share one width.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.figures.alt_text import percent
from analysis.figures.layout import GAP, LEFT, PAGE_WIDTH, RIGHT, Grid, grid
from analysis.figures.legend import CHANCE_LINE, CORRECT, MEAN_LINE, TRIANGLE, add_legend, legend_height
from analysis.figures.style import CLASS_COLOURS, FONT_SIZE, GRID, GROUND, INK, MUTED
from analysis.figures.thumbnails import Pixels
from analysis.scores import TrialScore
from analysis.summary import Summary
from analysis.values import Interval

CEILING = 116  # per cent; a mark fits above a bar of 100
NARROWEST_FIGURE = 3.5
TOP = 0.06
# Yellow bars and white pictures need an edge to stand out from the page.
HAIRLINE: dict[str, Any] = {"edgecolor": MUTED, "linewidth": 0.3}


def draw(summary: Summary, pictures: Sequence[Sequence[Pixels]]) -> Figure:
    """The whole figure; `pictures` per trial in the order of its options, or empty for none."""
    options = max(len(trial.options) for trial in summary.trials)
    plan = grid(len(summary.trials), options, thumbnails=bool(pictures))
    width = min(PAGE_WIDTH, max(NARROWEST_FIGURE, LEFT + plan.width + RIGHT))
    head = TOP + legend_height(summary, width)
    figure = Figure(figsize=(width, head + plan.height))
    add_legend(figure, summary, TOP)
    for row in range(plan.rows):
        start = row * plan.per_row
        shown = slice(start, start + plan.per_row)
        _draw_row(figure, plan, head + row * plan.row_height, summary, shown, pictures)
    return figure


def _draw_row(
    figure: Figure,
    plan: Grid,
    top: float,
    summary: Summary,
    shown: slice,
    pictures: Sequence[Sequence[Pixels]],
) -> None:
    trials = summary.trials[shown]
    bars = _axes(figure, top, plan.bars_height)
    _frame(bars)
    _lines(bars, summary, named=shown.start == 0)
    _below(bars, plan, -0.07, "trial", "right")
    for place, trial in enumerate(trials):
        lefts = _lefts(bars, plan, place, trial)
        _ground(bars, plan, lefts, trial)
        _draw_bars(bars, plan, lefts, trial, summary)
    if pictures:
        below = _axes(figure, top + plan.bars_height, plan.thumbnail_height)
        below.set_axis_off()
        for place, (trial, squares) in enumerate(zip(trials, pictures[shown], strict=True)):
            _draw_pictures(below, plan, _lefts(below, plan, place, trial), trial, squares)


def _axes(figure: Figure, top: float, height: float) -> Axes:
    """Axes as wide as the figure allows, `top` inches below its upper edge, with x in inches."""
    width, full = figure.get_size_inches()
    inner = width - LEFT - RIGHT
    axes: Axes = figure.add_axes((LEFT / width, 1 - (top + height) / full, inner / width, height / full))
    axes.set_xlim(0, inner)
    axes.set_ylim(0, height)
    return axes


def _frame(axes: Axes) -> None:
    axes.set_ylim(0, CEILING)
    axes.set_xticks([])
    axes.set_yticks([0, 50, 100])
    axes.tick_params(axis="y", length=2, width=0.6, pad=2)
    axes.set_ylabel("Answers (%)", labelpad=2)
    axes.yaxis.set_label_coords(-0.33, 50 / CEILING, transform=_inches_from_left(axes))
    axes.grid(axis="y", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines["left"].set_bounds(0, 100)


def _inches_from_left(axes: Axes) -> Any:
    from matplotlib.transforms import blended_transform_factory

    return blended_transform_factory(axes.transData, axes.transAxes)


def _lines(axes: Axes, summary: Summary, *, named: bool) -> None:
    """Mean and chance across the row, with their names in the right margin of the first."""
    mean, chance = 100 * summary.accuracy, 100 * summary.chance
    axes.axhline(mean, zorder=4, **MEAN_LINE)
    axes.axhline(chance, zorder=4, **CHANCE_LINE)
    if named:
        heights = _apart(mean, chance, 12 if axes.get_position().height > 0.3 else 17)
        texts = (f"mean {percent(summary.accuracy)}", f"chance {percent(summary.chance)}")
        for height, text, colour in zip(heights, texts, (INK, MUTED), strict=True):
            axes.annotate(
                text,
                (1, height),
                xycoords=("axes fraction", "data"),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                color=colour,
                fontsize=FONT_SIZE - 0.5,
                annotation_clip=False,
            )


def _apart(upper: float, lower: float, least: float) -> tuple[float, float]:
    """Two heights moved apart just enough that texts of height `least` don't overlap."""
    sign = 1 if upper >= lower else -1
    short = max(0.0, least - abs(upper - lower)) / 2
    return upper + sign * short, lower - sign * short


def _lefts(axes: Axes, plan: Grid, place: int, trial: TrialScore) -> list[float]:
    """Left edges of a trial's bars; its group is centred where it has fewer options than others."""
    start = place * plan.pitch + (plan.options + GAP - len(trial.options)) * plan.bar / 2
    if plan.rows == 1:
        start += (axes.get_xlim()[1] - plan.width) / 2
    return [start + slot * plan.bar for slot in range(len(trial.options))]


def _ground(axes: Axes, plan: Grid, lefts: Sequence[float], trial: TrialScore) -> None:
    """A pale ground that holds the group together where bars are missing, and the trial's number."""
    width = lefts[-1] + plan.bar - lefts[0]
    axes.add_patch(Rectangle((lefts[0], 0), width, 100, facecolor=GROUND, linewidth=0, zorder=0))
    _below(axes, plan, lefts[0] + width / 2, str(trial.trial), "center")


def _below(axes: Axes, plan: Grid, x: float, text: str, side: str) -> None:
    points = 72 * plan.thumbnail_height + (3 if plan.thumbnails else 6)
    axes.annotate(
        text,
        (x, 0),
        xytext=(0, -points),
        textcoords="offset points",
        ha=side,
        va="top",
        annotation_clip=False,
    )


def _draw_bars(axes: Axes, plan: Grid, lefts: Sequence[float], trial: TrialScore, summary: Summary) -> None:
    for left, name, share in zip(lefts, trial.options, trial.shares, strict=True):
        colour = CLASS_COLOURS[summary.class_names.index(name)]
        corner, width, height = (left + 0.06 * plan.bar, 0), 0.88 * plan.bar, 100 * share
        axes.add_patch(Rectangle(corner, width, height, facecolor=colour, **HAIRLINE, zorder=2))
        if name == trial.truth:
            axes.add_patch(Rectangle(corner, width, height, fill=False, zorder=3, **CORRECT))
            middle = left + plan.bar / 2
            _triangle(axes, middle, _whisker(axes, middle, trial), 100 * summary.accuracy)


def _whisker(axes: Axes, x: float, trial: TrialScore) -> float:
    """The 95 % interval of the trial's accuracy, black on white to show on any bar; returns its upper end."""
    if not isinstance(trial.interval, Interval):
        return 100 * trial.accuracy
    low, high = 100 * trial.interval.low, 100 * trial.interval.high
    axes.vlines(x, low, high, color="white", linewidth=2.2, zorder=4.5)
    axes.vlines(x, low, high, color=INK, linewidth=0.9, zorder=4.6)
    return high


def _triangle(axes: Axes, x: float, height: float, line: float) -> None:
    """A mark above the correct bar's interval, lifted where the dashed line would run through it."""
    y = height + 8
    if abs(y - line) < 8:
        y = line + 8
    axes.plot(x, y, zorder=6, clip_on=False, **TRIANGLE)


def _draw_pictures(
    axes: Axes, plan: Grid, lefts: Sequence[float], trial: TrialScore, pictures: Sequence[Pixels]
) -> None:
    """The pictures under their bars, the correct one framed with a gap that shows on black pictures too."""
    limits = axes.get_xlim(), axes.get_ylim()
    side, frame, top = 0.84 * plan.bar, 0.95 * plan.bar, plan.thumbnail_height - 0.03
    for left, name, pixels in zip(lefts, trial.options, pictures, strict=True):
        x, y = left + (plan.bar - side) / 2, top - (frame + side) / 2
        axes.imshow(pixels, extent=(x, x + side, y, y + side), aspect="auto", zorder=2)
        axes.add_patch(Rectangle((x, y), side, side, fill=False, **HAIRLINE, zorder=3))
        if name == trial.truth:
            corner = left + (plan.bar - frame) / 2, top - frame
            axes.add_patch(
                Rectangle(
                    corner, frame, frame, fill=False, edgecolor=INK, linewidth=0.9, zorder=3, clip_on=False
                )
            )
    axes.set(xlim=limits[0], ylim=limits[1])
