"""The table of answers of a package, the wide one, and the count of what belongs to neither."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from django.db.models import Count

from study.domain import answered
from study.domain.packing import columns, naming
from study.domain.packing.tables import Table
from study.models import Response, Session, Study

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from analysis.matrix import AnswerMatrix
    from analysis.package.inputs import Inputs
    from analysis.package.numbers import Computed


def long(study: Study, mode: str) -> Table:
    """Return the table of answers, as the results page offers it."""
    from analysis.tables.long import long_csv_lines

    options = naming.options(study)
    (header,) = long_csv_lines([], options)
    return Table(
        "",
        "One row for each answer, those of unfinished sessions too.",
        columns.ANSWERS,
        lambda: long_csv_lines(answered.each(study, mode), options),
        _given(study, mode).count,
        ("session_id", "task_id"),
        _cells(header),
    )


def wide(study: Study, mode: str, given: AnswerMatrix) -> Table:
    """Return the table with a row for each session that answered something."""
    from analysis.tables.wide import wide_csv_lines

    return Table(
        "wide",
        "One row for each session with an answer, two columns for each trial.",
        columns.WIDE,
        lambda: wide_csv_lines(given),
        lambda: _given(study, mode).values("session").distinct().count(),
        ("session_id",),
        _cells(next(wide_csv_lines(given))),
    )


def counted(study: Study, mode: str, inputs: Inputs, computed: Computed) -> Table:
    """Return the table that says which sessions the numbers count, and why not the others."""
    from analysis.package.counted import counted_lines

    return Table(
        "counted",
        "One row for each session with an answer: whether the numbers count it, and why not.",
        columns.COUNTED,
        lambda: counted_lines(inputs, computed),
        lambda: _given(study, mode).values("session").distinct().count(),
        ("session_id",),
    )


def kept(table: Table, draft: Path) -> Table:
    """Return the table, which is also written into a file on its way."""

    def copied() -> Iterator[str]:
        with draft.open("w", encoding="utf-8", newline="") as file:
            for line in table.lines():
                file.write(line)
                yield line

    return dataclasses.replace(table, lines=copied)


def left_out(study: Study, mode: str) -> dict[str, int]:
    """Return how many answers of the study are in no table, and why; with the table's they are all there are.

    Answers of other modes are in packages of their own; those of other stimuli (pilots of an earlier build)
    are not of the study as it is.
    """
    every = Response.objects.filter(session__study=study)
    by_mode = dict(every.values_list("session__mode").annotate(times=Count("pk")).order_by())
    of_others = {f"answers_{other}": by_mode.get(other, 0) for other in Session.Mode.values if other != mode}
    return {**of_others, "answers_other_stimuli": by_mode.get(mode, 0) - _given(study, mode).count()}


def _given(study: Study, mode: str) -> QuerySet[Response]:
    return Response.objects.filter(session__in=answered.sessions(study, mode))


def _cells(header: str) -> tuple[str, ...]:
    return tuple(next(csv.reader(StringIO(header))))
