"""How long a visit can be taken up again: its end, the warning before it, and more time for whoever asks.

As WCAG 2.2.1 wants it: a volunteer is warned ten minutes before the end and gets the whole time again by one
press of a button, ten times. Who has answered everything can finish at any time.
"""

from __future__ import annotations

import datetime

from django.db.models import F
from django.utils import timezone

from study.domain.presence import refreshed
from study.errors import Conflict, Gone
from study.models import Session, Study

WARNING = datetime.timedelta(minutes=10)  # before the end; twenty seconds would do
# Answers are taken for so long after the end: a page without script cannot warn while it is being looked at.
GRACE = datetime.timedelta(minutes=20)
MOST_EXTENSIONS = 10
LONGEST_WAIT = datetime.timedelta(days=60)  # of an answer on a device without a connection


class SessionExpired(Gone):
    """The time for this visit is over."""


class NoMoreTime(Conflict):
    """This visit has been given more time as often as it can."""


def end_of(study: Study) -> datetime.datetime:
    """Return when a visit ends that begins, or is given more time, now."""
    return timezone.now() + datetime.timedelta(hours=study.resume_hours)


def time_left(session: Session) -> datetime.timedelta | None:
    """Return how long the visit can still go on, at least nothing; None where it has no end."""
    if session.expires_at is None or session.finished_at is not None:
        return None
    return max(session.expires_at - timezone.now(), datetime.timedelta())


def is_over(session: Session) -> bool:
    """Return whether the visit's time is up."""
    return time_left(session) == datetime.timedelta()


def ends_soon(session: Session) -> bool:
    """Return whether its volunteer has to be warned."""
    left = time_left(session)
    return left is not None and left <= WARNING


def refuse_late(session: Session, waited: datetime.timedelta = datetime.timedelta()) -> None:
    """Refuse an answer that was given after the end; `waited` is how long it lay on the volunteer's device.

    Raises:
        SessionExpired: when it came too late.
    """
    if is_too_late(session, waited):
        raise SessionExpired


def is_too_late(session: Session, waited: datetime.timedelta = datetime.timedelta()) -> bool:
    """Return whether what was done on a page, and then waited for so long, is taken no more."""
    if session.expires_at is None:
        return False
    return timezone.now() - min(waited, LONGEST_WAIT) > session.expires_at + GRACE


def extend(session: Session) -> Session:
    """Give the visit its whole time again; before the warning nothing changes: a second press is free.

    Raises:
        SessionExpired: after the end. NoMoreTime: when it was extended MOST_EXTENSIONS times.
        NoSuchSession: when it was deleted meanwhile.
    """
    if is_over(session):
        raise SessionExpired
    if not ends_soon(session):
        return session
    if session.extensions >= MOST_EXTENSIONS:
        raise NoMoreTime
    asked = Session.objects.filter(pk=session.pk, extensions=session.extensions)  # the first of two presses
    asked.update(expires_at=end_of(session.study), extensions=F("extensions") + 1)
    return refreshed(session, "expires_at", "extensions")
