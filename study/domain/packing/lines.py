"""Rows as lines of CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Cell = str | int | float | None


def lines(header: Iterable[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield a table line by line, header first; no cell runs as a formula."""
    from analysis.tables.cells import line

    yield line(header)
    for row in rows:
        yield line(row)
