"""`Chart`: a figure with its name and what it shows in words, ready to be rendered or saved."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.figures.style import render, write
from analysis.figures.svg import described

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Chart:
    """A figure; `alt_text` says in words what `draw` paints. matplotlib is loaded when it is rendered."""

    title: str
    alt_text: str
    draw: Callable[[], "Figure"]

    def save(self, path: str | Path) -> Path:
        """Write .svg, .pdf or .png (300 dpi), as the name ends.

        Raises FigureError for another ending or a place that can't be written.
        """
        path = Path(path)
        write(path, self.render(path.suffix.lower().removeprefix(".")))
        return path

    def to_svg(self) -> str:
        """The whole SVG document, with the alternative text as its description."""
        return self.render("svg").decode()

    def render(self, kind: str) -> bytes:
        """The chart as "svg", "pdf" or "png"; equal material gives equal bytes.

        Raises FigureError for another kind.
        """
        content = render(self.draw, kind)
        return described(content, self.title, self.alt_text) if kind == "svg" else content
