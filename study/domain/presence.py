"""A visit may be deleted while a request of its own runs: hold it to store something, ask for it again."""

from __future__ import annotations

from study.errors import NotYours
from study.models import Session


class NoSuchSession(NotYours):
    """This visit is not known here; open the study's link again."""


def hold(session: Session) -> None:
    """Keep the session's row until the transaction ends, so that what is stored has a visit to belong to.

    Whoever deletes sessions locks them first, and so waits for this or is seen by it.

    Raises:
        NoSuchSession: when it was deleted meanwhile.
    """
    if not Session.objects.select_for_update(no_key=True).filter(pk=session.pk).values_list("pk").first():
        raise NoSuchSession


def refreshed(session: Session, *fields: str) -> Session:
    """Return the session with these fields as they are stored now.

    Raises:
        NoSuchSession: when it was deleted meanwhile.
    """
    try:
        session.refresh_from_db(fields=fields)
    except Session.DoesNotExist:
        raise NoSuchSession from None
    return session
