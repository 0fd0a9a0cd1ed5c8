"""People against machines: their accuracy in each trial over its difficulty for each listener."""

from functools import partial
from typing import TYPE_CHECKING

from analysis.errors import FigureError
from analysis.figures.chart import Chart
from analysis.figures.material import Material
from analysis.figures.style import CLASS_COLOURS, CLASS_MARKS, FONT_SIZE, GRID, MUTED
from analysis.machine.comparison import Beside, ListenerBeside, beside
from analysis.machine.document import LISTENERS
from analysis.values import Undefined, counted, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "People against machine listeners"
HEIGHT, BETWEEN = 1.75, 0.62  # inches


def people_and_machines(material: Material) -> Chart:
    """A mark per trial: how many people were right over its difficulty for a listener.

    Raises FigureError without a machine's listening, OtherStudy where it is another study's.
    """
    if material.machine is None:
        raise FigureError("This figure needs machine.json: how machine listeners took the study.")
    found = beside(material.answers, material.summary, material.machine)
    if len(found.people.classes) > len(CLASS_COLOURS):
        raise FigureError(
            f"This figure has colours for {len(CLASS_COLOURS)} classes; this study has "
            f"{len(found.people.classes)}."
        )
    return Chart(TITLE, alt_text(found), partial(_draw, found))


def alt_text(found: Beside) -> str:
    """What the charts show, in words."""
    sentences = [
        f"Two charts of the accuracy of {counted(len(found.people.volunteers), 'volunteer')} in "
        f"{counted(len(found.trials), 'trial')}, over their difficulty: 1 less the probability that a "
        "machine listener gave the truth."
    ]
    for each in found.listeners:
        name = LISTENERS[each.listener].capitalize()
        sentences.append(f"{name} was right in {each.correct} of {each.trials}; {_told(each)}.")
    return " ".join(sentences)


def _told(each: ListenerBeside) -> str:
    rho, p = each.difficulty.rho, each.difficulty.p
    if isinstance(rho, Undefined) or isinstance(p, Undefined):
        return "no rank correlation is defined"
    return f"Spearman's rho with its difficulty {signed(rho, 2)}, p = {p:.4f}"


def _in_short(each: ListenerBeside) -> str:
    rho, p = each.difficulty.rho, each.difficulty.p
    if isinstance(rho, Undefined) or isinstance(p, Undefined):
        return ""
    return f"; rho {signed(rho, 2)}, " + (f"p = {p:.3f}" if p >= 0.001 else "p < 0.001")


def _draw(found: Beside) -> "Figure":
    from matplotlib.figure import Figure

    from analysis.figures.keys import add_key, class_entries
    from analysis.figures.panel import WIDTH, Box, add_axes

    entries = [class_entries(found.people.class_names)]
    head = add_key(Figure(figsize=(WIDTH, 4)), entries, 0.06) + 0.22
    pitch = HEIGHT + BETWEEN
    figure = Figure(figsize=(WIDTH, head + pitch * len(found.listeners) - BETWEEN + 0.42))
    add_key(figure, entries, 0.06)
    for number, each in enumerate(found.listeners):
        axes = add_axes(figure, Box(0.5, head + number * pitch, WIDTH - 0.62, HEIGHT))
        _panel(axes, found, each)
    return figure


def _panel(axes: "Axes", found: Beside, each: ListenerBeside) -> None:
    from analysis.figures.legend import CHANCE_LINE
    from analysis.figures.panel import shares_upwards

    shares_upwards(axes, "People right (%)")
    axes.set_xlim(-4, 104)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.spines["bottom"].set_bounds(0, 100)
    axes.set_xlabel("Difficulty: 100 less the probability given to the truth (%)", labelpad=2)
    name = LISTENERS[each.listener].capitalize()
    told = f"{name}: {each.correct} of {each.trials} right{_in_short(each)}"
    axes.set_title(told, fontsize=FONT_SIZE, pad=4, loc="left")
    axes.axhline(100 * found.people.chance, zorder=1, **CHANCE_LINE)
    axes.axvline(100 * (1 - found.people.chance), zorder=1, **CHANCE_LINE)
    names = found.people.class_names
    for trial in found.trials:
        place = names.index(trial.truth)
        x, y = 100 * trial.difficulty[each.listener], 100 * trial.accuracy
        axes.plot(
            [x], [y], linestyle="none", marker=CLASS_MARKS[place], markersize=5.2, color=CLASS_COLOURS[place],
            markeredgecolor=MUTED, markeredgewidth=0.3, zorder=3, clip_on=False,
        )  # fmt: skip
