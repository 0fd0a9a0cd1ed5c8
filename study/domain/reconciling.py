"""A panel's list of people beside ours: who finished here, who did not, who is unknown."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from study.domain import outcomes, panels
from study.domain.outcomes import Ending
from study.errors import EarsightError
from study.models import Participant, Session, Study

MOST_IDS = 20_000
UNKNOWN = "unknown"
# How panels head the column that names the person, in the tables that they offer for download.
HEADINGS = (
    "participant id",
    "participant_id",
    "prolific_pid",
    "workerid",
    "worker id",
    "survey code",
    "id_code",
)


class ListUnreadable(EarsightError):
    """Paste the ids one a line, or a table that the panel offers for download."""


@dataclass(frozen=True)
class Line:
    """One person: what the panel calls them, how their visit ended, and the code that says so."""

    participant: str
    ending: str  # an Ending, or UNKNOWN
    answered: int = 0
    trials: int = 0
    condition: str = ""
    started: str = ""
    finished: str = ""
    code: str = ""

    @property
    def says(self) -> str:
        """The ending in words."""
        return "Unknown here" if self.ending == UNKNOWN else str(Ending(self.ending).label)


@dataclass(frozen=True)
class Reconciliation:
    """The panel's list in its order, then whom it does not name (by id where ids are kept)."""

    lines: tuple[Line, ...]
    unlisted: tuple[Line, ...]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many of the listed people there are of each ending, in words."""
        times = Counter(line.says for line in self.lines)
        words = [*(str(ending.label) for ending in Ending), "Unknown here"]
        return [(word, times[word]) for word in words if times[word]]


def reconcile(study: Study, pasted: str) -> Reconciliation:
    """Compare a panel's list of ids with the live visits to this study.

    Raises:
        ListUnreadable: when there is no id in it, or more than MOST_IDS.
    """
    listed = ids_in(pasted)
    here = {row.key: row for row in _participants(study)}
    keys = {id_: panels.key_of(study, id_) for id_ in listed}
    lines = tuple(
        _line(study, id_, here[key]) if key in here else Line(id_, UNKNOWN) for id_, key in keys.items()
    )
    others = [row for key, row in here.items() if key not in set(keys.values())]
    return Reconciliation(lines, tuple(_line(study, _kept_id(study, row), row) for row in others))


def ids_in(pasted: str) -> list[str]:
    """Return the ids of a pasted list or table, each once, in their order.

    Raises:
        ListUnreadable: when there is none, or more than MOST_IDS.
    """
    try:
        rows = [row for row in csv.reader(io.StringIO(pasted), delimiter=_separator(pasted)) if any(row)]
    except csv.Error as error:
        raise ListUnreadable from error
    column, body = _column(rows)
    cells = (row[column].strip() for row in body if len(row) > column)
    ids = list(dict.fromkeys(cell for cell in cells if cell))
    if not ids:
        raise ListUnreadable
    if len(ids) > MOST_IDS:
        raise ListUnreadable(f"At most {MOST_IDS} ids can be compared at once; this list has {len(ids)}.")
    return ids


def table(found: Reconciliation) -> str:
    """Return the reconciliation as CSV, whom the panel does not name at the end."""
    from analysis.tables.cells import line as csv_line

    head = [
        "participant",
        "listed",
        "ending",
        "answered",
        "trials",
        "condition",
        "started",
        "finished",
        "code",
    ]
    body = [(row, 1) for row in found.lines] + [(row, 0) for row in found.unlisted]
    return csv_line(head) + "".join(
        csv_line(
            [row.participant, listed, row.ending, row.answered, row.trials, row.condition, row.started,
             row.finished, row.code]
        )
        for row, listed in body
    )  # fmt: skip


def _separator(pasted: str) -> str:
    first = pasted.strip().partition("\n")[0]
    return max(",;\t", key=first.count)


def _column(rows: Sequence[Sequence[str]]) -> tuple[int, Sequence[Sequence[str]]]:
    """Return which column holds the ids and the rows below the headings; the first where none is known."""
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    known = next((heading for heading in HEADINGS if heading in head), None)
    return (head.index(known), rows[1:]) if known else (0, rows)


def _participants(study: Study) -> list[Participant]:
    rows = Participant.objects.filter(study=study, mode=Session.Mode.LIVE)
    counted = rows.annotate(answered=Count("session__responses"))
    return list(counted.select_related("session__condition").prefetch_related("session__outcomes"))


def _line(study: Study, participant: str, row: Participant) -> Line:
    ending = outcomes.of(row.session)
    finished = row.session.finished_at
    return Line(
        participant=participant,
        ending=ending,
        answered=getattr(row, "answered", 0),
        trials=study.trial_count,
        condition=row.session.condition.name if row.session.condition else "",
        started=row.session.started_at.isoformat(timespec="seconds"),
        finished=finished.isoformat(timespec="seconds") if finished else "",
        code=outcomes.code_of(study, ending),
    )


def _kept_id(study: Study, row: Participant) -> str:
    """Return the id of somebody whom the list does not name, where the study keeps ids."""
    names = study.participant_parameters
    return str(row.ids.get(names[0], "")) if names else ""
