"""One look for all figures, and bytes that are the same wherever they are drawn.

Colours are Okabe and Ito's, ordered so that neighbours also differ in lightness: a grey copy stays readable.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, cast
from warnings import catch_warnings, filterwarnings

from analysis.errors import FigureError
from analysis.files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CLASS_COLOURS = ("#0072B2", "#E69F00", "#F0E442", "#D55E00", "#CC79A7", "#56B4E9", "#009E73")
CLASS_MARKS = ("o", "s", "^", "D", "v", "P", "X")  # a form for each colour, where points stand alone
INK, MUTED, GRID, GROUND = "#000000", "#444444", "#D9D9D9", "#F3F3F3"
BAND = "#E6E6E6"  # behind a line: its interval
ACCENT = CLASS_COLOURS[0]  # of what belongs to no class
FONT_SIZE = 7.0  # points, the smallest that journals accept
DPI = 300

Colour = str | tuple[float, float, float]

_SETTINGS: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],  # comes with matplotlib, so every machine draws the same letters
    "font.size": FONT_SIZE,
    "axes.linewidth": 0.6,
    "hatch.linewidth": 0.7,
    "image.composite_image": False,
    "pdf.fonttype": 42,  # whole TrueType fonts, which journals ask for, instead of Type 3
    "svg.fonttype": "path",
    "svg.hashsalt": "earsight",  # ids in the SVG are random without it
}
# A date or a version in the file would change its bytes from day to day.
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}
# matplotlib's settings are global to the process, and web servers draw from several threads.
_ONE_AT_A_TIME = Lock()


def render(draw: Callable[[], "Figure"], kind: str) -> bytes:
    """Draw a figure and return it as "svg", "pdf" or "png" (300 dpi), byte for byte the same every time.

    Raises FigureError for another kind.
    """
    if kind not in _METADATA:
        raise FigureError(f"Figures are saved as .svg, .pdf or .png, not .{kind}.")
    out = BytesIO()
    with our_settings():
        draw().savefig(out, format=kind, dpi=DPI, metadata=_METADATA[kind])
    return out.getvalue()


@contextmanager
def our_settings() -> Iterator[None]:
    """matplotlib with our settings and nobody else's, in one thread at a time."""
    import matplotlib

    with _ONE_AT_A_TIME, matplotlib.rc_context(), catch_warnings():
        # A class name in a script that the font lacks is drawn as boxes rather than refused.
        filterwarnings("ignore", message="Glyph .* missing from font")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(cast(Any, _SETTINGS))
        yield


def luminance(colour: Colour) -> float:
    """Relative luminance of a colour, 0 to 1 (WCAG 2.2): how light it is in a grey copy."""
    from matplotlib.colors import to_rgb

    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def readable_on(colour: Colour) -> str:
    """Black or white, whichever stands out more from the colour."""
    light = luminance(colour)
    return INK if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else "#FFFFFF"


def write(path: Path, content: bytes) -> None:
    """Write a rendered figure, or say why that failed (FigureError)."""
    try:
        write_whole(path, content)
    except OSError as error:
        raise FigureError(
            f"The figure could not be written to {path}: {error.strerror}; check folder and disk."
        ) from error
