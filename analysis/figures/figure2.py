"""Figure 2 of the paper: what volunteers chose in each trial, with the pictures they chose from."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from analysis.errors import FigureError
from analysis.figures.alt_text import figure2_alt_text
from analysis.figures.chart import Chart
from analysis.figures.style import CLASS_COLOURS
from analysis.figures.thumbnails import Pixels, Thumbnails, squares
from analysis.summary import Summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Pictures = tuple[tuple[Pixels, ...], ...]


@dataclass(frozen=True)
class Figure2(Chart):
    """The chart, ready to be rendered, with what it was made of."""

    summary: Summary
    pictures: Pictures


def figure2(summary: Summary, thumbnails: Thumbnails | None = None) -> Figure2:
    """Grouped bars per trial, one per class of option, the correct one marked by more than colour.

    thumbnails  per trial number the pictures of its options: a mapping from class name, or a list in the
                order of the answers' options; a picture is a path, encoded bytes or an array of pixels,
                or None where it has gone: a placeholder says so

    Raises FigureError for a picture that is unreadable or not given, or more classes than there are colours.
    """
    if len(summary.classes) > len(CLASS_COLOURS):
        raise FigureError(
            f"Figure 2 has colours for {len(CLASS_COLOURS)} classes; this study has {len(summary.classes)}."
        )
    pictures = tuple(squares(trial, thumbnails) for trial in summary.trials) if thumbnails else ()
    paint = partial(_draw, summary, pictures)
    return Figure2("Figure 2", figure2_alt_text(summary), paint, summary, pictures)


def _draw(summary: Summary, pictures: Pictures) -> "Figure":
    from analysis.figures.choices import draw

    return draw(summary, pictures)
