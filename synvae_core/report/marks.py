"""A colour and a form for each class: Okabe and Ito's palette, told apart without colours too."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

# M. Okabe, K. Ito, Color Universal Design, 2008. Their black is the page's ink, which shows on dark pages.
COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "currentColor")
FORMS = (
    "M-4-4H4V4H-4Z",  # square
    "M0-5.2 5 4H-5Z",  # triangle
    "M0-5.6 5.6 0 0 5.6-5.6 0Z",  # diamond
    "M-1.7-5H1.7V-1.7H5V1.7H1.7V5H-1.7V1.7H-5V-1.7H-1.7Z",  # plus
    "M0-4.6A4.6 4.6 0 1 0 0 4.6 4.6 4.6 0 1 0 0-4.6Z",  # disc
    "M0 5.2-5-4H5Z",  # triangle, upside down
    "M-5-2.6-2.6-5 0-2.4 2.6-5 5-2.6 2.4 0 5 2.6 2.6 5 0 2.4-2.6 5-5 2.6-2.4 0Z",  # cross
    "M0-5.8 1.4-1.9 5.5-1.8 2.3.7 3.4 4.7 0 2.4-3.4 4.7-2.3.7-5.5-1.8-1.4-1.9Z",  # star
    "M-4.6-5H4.6L1.4 0 4.6 5H-4.6L-1.4 0Z",  # hourglass
)  # nine forms and eight colours: seventy-two pairs before one returns


@dataclass(frozen=True)
class Mark:
    """How the points of one class are drawn."""

    name: str
    colour: str
    form: str

    def at(self, x: float, y: float) -> Markup:
        """The mark as an SVG element with its centre at (x, y)."""
        return Markup('<path transform="translate({:.1f} {:.1f})" fill="{}" d="{}"/>').format(
            x, y, self.colour, self.form
        )


def marks(class_names: tuple[str, ...]) -> tuple[Mark, ...]:
    """One mark for each class."""
    return tuple(
        Mark(name, COLOURS[place % len(COLOURS)], FORMS[place % len(FORMS)])
        for place, name in enumerate(class_names)
    )
