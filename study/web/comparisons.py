"""A study's conditions side by side, as the results page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.values import Interval
from study.domain import results
from study.domain.selecting import Selection
from study.models import Study
from study.web.cells import interval, p_value, share
from study.web.numbers import Cell, Row, ends
from study.web.tables import Table

if TYPE_CHECKING:
    from analysis import Comparison, Summary
    from analysis.comparison import Difference
    from analysis.values import Range

KEYS = CONDITIONS, DIFFERENCES = "conditions", "differences"


@dataclass(frozen=True)
class Compared:
    """The two tables of the page (the second only where two conditions have answers), and who has none."""

    conditions: Table
    differences: Table | None
    nobody: tuple[str, ...]


def shown(study: Study, selection: Selection) -> Compared | None:
    """Return the comparison of the study's conditions, or None while nobody has finished in any."""
    try:
        found = results.comparison(
            study, selection.mode, described=selection.described, passed=selection.passed
        )
    except results.NoAnswers:
        return None
    return Compared(_conditions(found), _differences(found), found.without_answers)


def table(key: str, study: Study, selection: Selection) -> Table | None:
    """Return one of the two tables, or None where it is not there."""
    compared = shown(study, selection)
    if compared is None:
        return None
    return {CONDITIONS: compared.conditions, DIFFERENCES: compared.differences}[key]


def _conditions(found: Comparison) -> Table:
    caption = "Accuracy of each condition, with its interval over new volunteers and new trials."
    columns = ("Condition", "Counted", "Accuracy", "95 % interval", "Chance")
    return Table(CONDITIONS, caption, columns, tuple(map(_condition, found.summaries)), "accuracy")


def _condition(summary: Summary) -> Row:
    counted = len(summary.volunteers)
    accuracy, between = share(summary.accuracy), interval(summary.accuracy_interval)
    return Row(summary.condition, (Cell(str(counted), raw=counted), accuracy, between, share(summary.chance)))


def _differences(found: Comparison) -> Table | None:
    if not found.differences:
        return None
    caption = f"Accuracy less that of {found.summaries[0].condition}, in percentage points."
    columns = ("Condition", "Difference", "95 % interval", "p")
    return Table(DIFFERENCES, caption, columns, tuple(map(_difference, found.differences)), DIFFERENCES)


def _difference(row: Difference) -> Row:
    signed = f"{100 * row.difference:+.1f} points".replace("-", "−")
    return Row(row.condition, (Cell(signed, raw=row.difference), _points(row.interval), p_value(row.p)))


def _points(found: Range) -> Cell:
    if not isinstance(found, Interval):
        return interval(found)
    text = ends(found, 1).replace("-", "−").replace("%", "points")
    return Cell(text, raw=(found.low, found.high))
