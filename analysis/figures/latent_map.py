"""The map of a study's pictures: where they lie on two principal components of their latents."""

from functools import partial
from typing import TYPE_CHECKING, Any

from analysis.errors import FigureError
from analysis.figures.alt_text import percent
from analysis.figures.chart import Chart
from analysis.figures.material import Material
from analysis.figures.style import CLASS_COLOURS, CLASS_MARKS, INK, MUTED
from analysis.machine.document import Machine
from analysis.values import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE = "Map of the pictures"
SIDE = 2.55  # inches
SIZES = {"example": 4.8, "option": 4.0, "truth": 5.6}
HOLE = 2.4


def latent_map(material: Material) -> Chart:
    """Every picture of the study by class and part, in the latent space that it was chosen in.

    Raises FigureError without a machine's listening, which knows the latents, or with too many classes.
    """
    machine = material.machine
    if machine is None:
        raise FigureError("The map needs machine.json, which knows where the pictures lie.")
    if len(machine.classes) > len(CLASS_COLOURS):
        raise FigureError(
            f"The map has colours for {len(CLASS_COLOURS)} classes; this study has {len(machine.classes)}."
        )
    return Chart(TITLE, _alt_text(machine), partial(_draw, machine))


def _alt_text(machine: Machine) -> str:
    first, second = machine.explained
    right, total = _nearest_centre(machine)
    names = ", ".join(machine.classes)
    return (
        f"Map of {counted(len(machine.spots), 'picture')} of {len(machine.classes)} classes ({names}) on two "
        f"axes, which hold {percent(first)} and {percent(second)} of the variance of their latents. "
        f"{right} of {total} lie nearest to the middle of their own class."
    )


def _nearest_centre(machine: Machine) -> tuple[int, int]:
    """How many spots lie nearest to the mean of their own class on the map, and of how many."""
    centres = {}
    for name in machine.classes:
        mine = [spot for spot in machine.spots if spot.name == name]
        if mine:
            centres[name] = sum(s.x for s in mine) / len(mine), sum(s.y for s in mine) / len(mine)
    right = 0
    for spot in machine.spots:
        gaps = {name: (spot.x - x) ** 2 + (spot.y - y) ** 2 for name, (x, y) in centres.items()}
        right += min(gaps, key=gaps.__getitem__) == spot.name
    return right, len(machine.spots)


def _draw(machine: Machine) -> "Figure":
    from matplotlib.figure import Figure

    from analysis.figures.keys import add_key, class_entries, part_entries
    from analysis.figures.panel import WIDTH, Box, add_axes

    entries = [class_entries(machine.classes), part_entries()]
    probe = Figure(figsize=(WIDTH, 4))
    head = add_key(probe, entries, 0.06) + 0.06
    figure = Figure(figsize=(WIDTH, head + SIDE + 0.42))
    add_key(figure, entries, 0.06)
    axes = add_axes(figure, Box(0.5, head, WIDTH - 0.62, SIDE))
    for role in ("option", "example", "truth"):
        for place, name in enumerate(machine.classes):
            mine = [(spot.x, spot.y) for spot in machine.spots if (spot.name, spot.role) == (name, role)]
            _marks(axes, mine, place, role)
    axes.margins(0.06)
    axes.set_aspect("equal", adjustable="datalim")
    first, second = machine.explained
    axes.set_xlabel(f"First component ({percent(first)} of variance)", labelpad=3)
    axes.set_ylabel(f"Second component ({percent(second)})", labelpad=2)
    return figure


def _marks(axes: "Axes", at: list[tuple[float, float]], place: int, role: str) -> None:
    """Marks of one class; an example has a white middle, the source of a clip a bold edge."""
    x, y = [one for one, _ in at], [other for _, other in at]
    edge, width = (INK, 1.1) if role == "truth" else (MUTED, 0.3)
    form: dict[str, Any] = {"linestyle": "none", "marker": CLASS_MARKS[place]}
    axes.plot(
        x, y, markersize=SIZES[role], color=CLASS_COLOURS[place], markeredgecolor=edge, markeredgewidth=width,
        label=role, **form,
    )  # fmt: skip
    if role == "example":
        axes.plot(x, y, markersize=HOLE, color="white", markeredgewidth=0, label="hole", **form)
