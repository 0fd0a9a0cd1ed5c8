"""Taking data back: visits are deleted with all that they hold, and only a count of them stays.

A volunteer withdraws at any time, finished or not, also from a closed study. A study with `retention_days`
forgets each visit that many days after its end.
"""

from __future__ import annotations

import datetime
from collections import Counter

from django.db import transaction
from django.db.models import DateTimeField, F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from study.domain import exports
from study.domain.sessions import NoSuchSession
from study.models import Response, Session, Study, Tombstone
from study.models.sessions import SessionQuerySet

AT_ONCE = 100  # visits deleted in one transaction, so that nobody's answer waits long


def withdraw(session: Session) -> None:
    """Delete a visit with its answers, events and everything else of it; only a count stays.

    Raises:
        NoSuchSession: when it is deleted already.
    """
    if not _bury(Session.objects.filter(pk=session.pk), Tombstone.Reason.WITHDRAWN):
        raise NoSuchSession


def purge(now: datetime.datetime | None = None) -> int:
    """Delete the visits that their studies have kept long enough and return how many."""
    now = now or timezone.now()
    forgetful = Study.objects.filter(retention_days__isnull=False).values_list("pk", "retention_days")
    return sum(_purge(pk, now - datetime.timedelta(days=days)) for pk, days in forgetful if days)


def deleted(study: Study) -> dict[str, dict[str, int]]:
    """Return for each mode how many visits were withdrawn, and how many were deleted after their time."""
    found = {mode: dict.fromkeys(Tombstone.Reason.values, 0) for mode in Session.Mode.values}
    for row in study.tombstones.all():
        found[row.mode][row.reason] += row.count
    return found


def ended_before(sessions: SessionQuerySet, moment: datetime.datetime) -> SessionQuerySet:
    """Return the visits that ended before this moment: finished, or left with their last answer."""
    answers = Response.objects.filter(session=OuterRef("pk")).order_by().values("session")
    last_answer = Subquery(answers.annotate(last=Max("received_at")).values("last"), DateTimeField())
    ended = Coalesce(F("finished_at"), last_answer, F("started_at"))
    return sessions.alias(ended_at=ended).filter(ended_at__lt=moment)


def _purge(study_pk: int, moment: datetime.datetime) -> int:
    total = 0
    while True:
        old = ended_before(Session.objects.filter(study=study_pk), moment).order_by("pk")
        batch = list(old.values_list("pk", flat=True)[:AT_ONCE])
        if not batch:
            return total
        total += _bury(Session.objects.filter(pk__in=batch), Tombstone.Reason.RETENTION)


@transaction.atomic
def _bury(sessions: SessionQuerySet, reason: Tombstone.Reason) -> int:
    """Delete these visits and count them; who stores something for one of them now waits, and is refused."""
    rows = list(sessions.select_for_update(of=("self",)).order_by("pk"))
    kinds = Counter((row.study_id, row.mode, row.finished_at is not None) for row in rows)
    Session.objects.filter(pk__in=[row.pk for row in rows]).delete()
    exports.forget({row.study_id for row in rows})
    for (study, mode, was_finished), count in kinds.items():
        stone, _ = Tombstone.objects.get_or_create(
            study_id=study, mode=mode, reason=reason, was_finished=was_finished
        )
        Tombstone.objects.filter(pk=stone.pk).update(count=F("count") + count)
    return len(rows)
