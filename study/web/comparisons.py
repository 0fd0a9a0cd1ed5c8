"""A study's conditions side by side, as the results page words them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from study.domain import results
from study.models import Study
from study.web.numbers import Cell, Row, ends, percent

if TYPE_CHECKING:
    from analysis import Summary
    from analysis.comparison import Difference
    from analysis.summary import Described


@dataclass(frozen=True)
class Compared:
    """The two tables of the page, and whom nobody has finished in."""

    conditions: tuple[Row, ...]
    differences: tuple[Row, ...]
    against: str
    nobody: tuple[str, ...]


def shown(study: Study, mode: str, described: Described, *, passed: bool = False) -> Compared | None:
    """Return the comparison of the study's conditions, or None while nobody has finished in any."""
    try:
        found = results.comparison(study, mode, described=described, passed=passed)
    except results.NoAnswers:
        return None
    return Compared(
        conditions=tuple(_condition(summary) for summary in found.summaries),
        differences=tuple(_difference(row) for row in found.differences),
        against=found.summaries[0].condition,
        nobody=found.without_answers,
    )


def _condition(summary: Summary) -> Row:
    cells = (
        str(len(summary.volunteers)),
        percent(summary.accuracy),
        ends(summary.accuracy_interval, 1),
        percent(summary.chance),
    )
    return Row(summary.condition, tuple(Cell(text) for text in cells))


def _difference(row: Difference) -> Row:
    signed = f"{100 * row.difference:+.1f}".replace("-", "−")
    low_high = ends(row.interval, 1).replace("-", "−")
    p = f"{row.p:.4f}" if row.p >= 0.0001 else "under 0.0001"
    return Row(row.condition, (Cell(f"{signed} points"), Cell(low_high.replace("%", "points")), Cell(p)))
