"""What volunteers answered after the trials, as the results page shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from study.domain import question_results
from study.domain.question_results import Count, Tally
from study.models import Study
from study.web.cells import share
from study.web.numbers import Cell, Row
from study.web.tables import Table

KEY = re.compile(r"question-(\d{1,3})")


@dataclass(frozen=True)
class Asked:
    """A question with what came of it; the table is there where its answers can be counted."""

    tally: Tally
    table: Table | None


def shown(study: Study, mode: str) -> list[Asked]:
    """Return every question of the study."""
    return [Asked(tally, _table(tally)) for tally in question_results.tallies(study, mode)]


def place_of(key: str) -> int:
    """Return the place of the question whose table has this name; 0 for another name."""
    found = KEY.fullmatch(key)
    return int(found[1]) if found else 0


def table(place: int, study: Study, mode: str) -> Table | None:
    """Return the table of the question at this place, or None where it has none."""
    return next((asked.table for asked in shown(study, mode) if asked.tally.place == place), None)


def _table(tally: Tally) -> Table | None:
    if not tally.counts:
        return None
    columns = ("Answer", "Times", "Share")
    rows = tuple(map(_row, tally.counts))
    return Table(f"question-{tally.place}", f"Answers to question {tally.place}.", columns, rows, "question")


def _row(count: Count) -> Row:
    return Row(count.label, (Cell(str(count.times), raw=count.times), share(count.share)))
