"""Log what happens on a volunteer's page: plays, pauses, lost connections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from study.domain import deadlines, sessions
from study.errors import EarsightError
from study.models import Event, Presentation, Session, Study

CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
MOST_AT_ONCE = 200
MOST = 5000  # reported of one visit; sixty trials, each heard ten times, make 2,000
REPORTED_KINDS = [kind for kind in Event.Kind.values if kind != Event.Kind.FETCHED]  # the server's own word


class ForeignTrial(EarsightError):
    """This trial does not belong to this visit."""

    status = 404


class EventInvalid(EarsightError):
    """This is not an event that the page could have sent."""


@dataclass(frozen=True)
class Reported:
    """An event as the browser reports it; `presentation` is a presentation's token or empty."""

    client_id: str
    kind: str
    presentation: str = ""
    client_ms: int | None = None
    seconds: float | None = None


@transaction.atomic
def record(session: Session, reports: Sequence[Reported]) -> int:
    """Store the events that are not stored yet and return how many the session has now.

    Once no answer is taken any more nothing is stored, nor beyond MOST: the page need not know.

    Raises:
        EventInvalid: for an unknown kind, a malformed id, or too many at once.
        ForeignTrial: for a presentation of another session.
        ConsentMissing: before consent: nothing is logged about somebody who has not agreed.
        NoSuchSession: when the visit was deleted meanwhile.
    """
    sessions.refuse_without_consent(session)
    refuse_malformed(reports)
    stored = session.events.count()
    if stored >= MOST or not _takes_answers(session):
        return stored
    sessions.hold(session)
    rows = dict(session.presentations.values_list("token", "pk"))
    if any(report.presentation and report.presentation not in rows for report in reports):
        raise ForeignTrial
    fitting = reports[: MOST - stored]
    _create([_event(session, report, rows.get(report.presentation)) for report in fitting])
    return session.events.count()


def store(session: Session, reports: Sequence[Reported], presentation: Presentation) -> None:
    """Store what an answer reports of its own trial, whatever trial the reports name."""
    _create([_event(session, report, presentation.pk) for report in reports])


def _takes_answers(session: Session) -> bool:
    is_closed = session.study.status == Study.Status.CLOSED
    return session.finished_at is None and not is_closed and not deadlines.is_too_late(session)


def _event(session: Session, report: Reported, presentation_pk: int | None) -> Event:
    return Event(
        session=session,
        presentation_id=presentation_pk,
        kind=report.kind,
        client_id=report.client_id,
        client_ms=report.client_ms,
        seconds=report.seconds,
    )


def _create(rows: Sequence[Event]) -> None:
    Event.objects.bulk_create(rows, ignore_conflicts=True)


def refuse_malformed(reports: Sequence[Reported]) -> None:
    """Raise EventInvalid for what no page of ours reports."""
    if len(reports) > MOST_AT_ONCE:
        raise EventInvalid(f"At most {MOST_AT_ONCE} events can be sent at once.")
    if not all(CLIENT_ID.fullmatch(report.client_id) for report in reports):
        raise EventInvalid("An event's id has 8 to 64 letters, digits, dashes or underscores.")
    if unknown := {report.kind for report in reports} - set(REPORTED_KINDS):
        raise EventInvalid(f"There is no event called {', '.join(sorted(unknown))}.")
