"""Figure 2 of the paper: what volunteers chose in each trial, with the pictures they chose from."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from analysis.errors import FigureError
from analysis.figures.alt_text import figure2_alt_text
from analysis.figures.style import CLASS_COLOURS, render, write
from analysis.figures.thumbnails import Pixels, Thumbnails, squares
from analysis.summary import Summary


@dataclass(frozen=True)
class Figure2:
    """The chart, ready to be rendered; `alt_text` says in words what it shows."""

    summary: Summary
    pictures: tuple[tuple[Pixels, ...], ...]
    alt_text: str

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
        """The chart as "svg", "pdf" or "png"; equal summaries and pictures give equal bytes.

        Raises FigureError for another kind.
        """
        from analysis.figures.choices import draw
        from analysis.figures.svg import described

        content = render(partial(draw, self.summary, self.pictures), kind)
        return described(content, "Figure 2", self.alt_text) if kind == "svg" else content


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
    return Figure2(summary, pictures, figure2_alt_text(summary))
