"""Text that a spreadsheet shows as text, and the same text back.

A cell that begins with = + - @, a tab or a line end may be run as a formula by spreadsheet programs, so it
gets an apostrophe in front (OWASP, "CSV Injection"). Text that already begins with apostrophes before such a
character gets one more, which makes the rule reversible for every text.
"""

import csv
import re
from collections.abc import Iterable
from io import StringIO

# The full-width forms are read as their narrow twins by some programs.
_RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def guarded(text: str) -> str:
    """Text for a cell."""
    return f"'{text}" if _RISKY.match(text) else text


def unguarded(cell: str) -> str:
    """The text that `guarded` made the cell from."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell) else cell


def line(cells: Iterable[str | int | float | None]) -> str:
    """One line of CSV; text is guarded, None is an empty cell."""
    out = StringIO()
    # The writer quotes the characters of its own line end only, and a cell may hold either.
    csv.writer(out, lineterminator="\r\n").writerow(
        [guarded(cell) if isinstance(cell, str) else cell for cell in cells]
    )
    return out.getvalue().removesuffix("\r\n") + "\n"
