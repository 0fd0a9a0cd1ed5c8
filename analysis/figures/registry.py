"""All figures by name: `FIGURES[name].make(material)` gives a `Chart`."""

from collections.abc import Callable
from dataclasses import dataclass

from analysis.errors import FigureError
from analysis.figures import beside, confusion, latent_map, learning, volunteers
from analysis.figures.chart import Chart
from analysis.figures.figure2 import figure2
from analysis.figures.material import Material
from analysis.machine.errors import OtherStudy


@dataclass(frozen=True)
class Figure:
    """What a figure is called, what it shows, and how it is made."""

    title: str
    shows: str
    make: Callable[[Material], Chart]


def _figure2(material: Material) -> Chart:
    return figure2(material.summary, material.thumbnails)


FIGURES: dict[str, Figure] = {
    "figure2": Figure("Figure 2", "what volunteers chose in each trial", _figure2),
    "volunteers": Figure(volunteers.TITLE, "how accurate each volunteer was", volunteers.volunteers),
    "confusion": Figure(confusion.TITLE, "which classes were taken for which", confusion.confusion),
    "learning": Figure(learning.TITLE, "accuracy from the first trial to the last", learning.learning),
    "machine": Figure(
        beside.TITLE, "what people and machine listeners found hard", beside.people_and_machines
    ),
    "map": Figure(latent_map.TITLE, "where the pictures lie in the model's space", latent_map.latent_map),
}


def chart(name: str, material: Material) -> Chart:
    """The figure of this name.

    Raises FigureError for a name that there is not, or material that lacks what the figure shows.
    """
    if name not in FIGURES:
        raise FigureError(f"There is no figure '{name}'; there are {', '.join(FIGURES)}.")
    return FIGURES[name].make(material)


def charts(material: Material) -> dict[str, Chart]:
    """Every figure that this material has enough for, by name."""
    found = {}
    for name in FIGURES:
        try:
            found[name] = chart(name, material)
        except (FigureError, OtherStudy):
            continue
    return found
