"""A visit may be deleted while a request of its own runs: hold it to store something, ask for it again."""

from __future__ import annotations

from study.errors import NotYours
from study.models import Session, visits


class NoSuchSession(NotYours):
    """This visit is not known here; open the study's link again."""


def hold(session: Session) -> None:
    """Keep the session's row until the transaction ends, so that what is stored has a visit to belong to.

    Whoever deletes sessions locks them first, and so waits for this or is seen by it.

    Raises:
        NoSuchSession: when it was deleted meanwhile.
    """
    if visits.HELD.first(session.pk) is None:
        raise NoSuchSession


def refreshed(session: Session, *fields: str) -> Session:
    """Return the session with these fields as they are stored now.

    Raises:
        NoSuchSession: when it was deleted meanwhile.
    """
    row = visits.ROW.first(session.pk)
    if row is None:
        raise NoSuchSession
    for field in fields:
        setattr(session, field, getattr(row, field))
    return session
