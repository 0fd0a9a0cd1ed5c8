"""Whether a clip was heard before its trial is answered: counted on the server, from its log.

A complete listen is an `ended` event, which a page reports when the clip has sounded from its beginning to
its end; it counts when it names a place near the clip's end. A page without script reports nothing: there the
server's own record that the clip was asked for (`fetched`) stands for listening, however often the study
wants it, since replays can't be seen. That record is made at an address of its own, which no script uses, so
clips fetched in advance never count as heard. Whoever was told that the clip does not load (`error`) may go
on: the log says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext, ngettext

from study.domain.presence import hold
from study.errors import Conflict
from study.models import Event, Presentation, Session, visits

if TYPE_CHECKING:
    from study.domain.events import Reported

ENDED, ERROR, FETCHED = Event.Kind.ENDED, Event.Kind.ERROR, Event.Kind.FETCHED


class NotHeard(Conflict):
    """Listen to the whole piece of music first, then choose."""


@dataclass(frozen=True)
class Heard:
    """What the log says of a presentation; `fetches` are those of a page without script.

    `seconds`: how long its clip sounds; 0 where that is not known, and then every end counts.
    """

    listens: int = 0
    failures: int = 0
    fetches: int = 0
    seconds: float = 0

    def enough(self, minimum: int, *, plain: bool) -> bool:
        """Return whether an answer may pass; `plain`: it comes from a form, not from a script."""
        return self.listens >= minimum or self.failures > 0 or (plain and self.fetches > 0)

    def with_reports(self, reports: Sequence[Reported]) -> Heard:
        """Add what an answer itself reports, each event once; the log was asked for all the others."""
        whole = visits.WHOLE * self.seconds
        ended = {report.client_id for report in _of(ENDED, reports) if (report.seconds or 0) >= whole}
        failed = {report.client_id for report in _of(ERROR, reports)}
        return replace(self, listens=self.listens + len(ended), failures=self.failures + len(failed))


def heard(presentation: Presentation) -> Heard:
    """Return what the log said when it was fetched with this presentation; nothing where it did not."""
    return Heard(**{one.name: getattr(presentation, f"heard_{one.name}", 0) for one in fields(Heard)})


def ids_of(reports: Sequence[Reported]) -> str:
    """Return the ids of events as `visits.SHOWN_AND_HEARD` wants them."""
    return f",{','.join(report.client_id for report in reports)},"


def minimum_of(session: Session) -> int:
    """Return how often a clip must be heard: as the session's condition says, or else its study."""
    condition = session.condition
    if condition is not None and condition.minimum_listens is not None:
        return condition.minimum_listens
    return session.study.minimum_listens


def refuse_unheard(
    session: Session, presentation: Presentation, reports: Sequence[Reported], *, plain: bool
) -> None:
    """Let an answer pass when the log, with what the answer itself reports, says that its clip was heard.

    `presentation` comes with what the log says beside these reports.

    Raises:
        NotHeard: when it was not; says how often it has to be.
    """
    minimum = minimum_of(session)
    if not heard(presentation).with_reports(reports).enough(minimum, plain=plain):
        raise NotHeard(sentence(minimum))


def _of(kind: Event.Kind, reports: Sequence[Reported]) -> Iterator[Reported]:
    return (report for report in reports if report.kind == kind)


def sentence(minimum: int) -> str:
    """Return what a volunteer has to do before answering."""
    if minimum == 1:
        return gettext("Listen to the whole piece of music first, then choose.")
    text = ngettext(
        "Listen to the whole piece of music %(count)s time first, then choose.",
        "Listen to the whole piece of music %(count)s times first, then choose.",
        minimum,
    )
    return text % {"count": minimum}


@transaction.atomic
def note_fetch(token: str) -> None:
    """Record once that a page without script asked for a clip; before consent and after the end nothing.

    Raises:
        NoSuchSession: when the visit was deleted meanwhile.
    """
    going_on = Presentation.objects.filter(session__consented_at__isnull=False, session__finished_at=None)
    asked = going_on.select_related("session").filter(token=token).first()
    if asked is not None:
        hold(asked.session)
        note = Event(session_id=asked.session_id, presentation=asked, kind=FETCHED)
        note.client_id = f"server-fetched-{asked.pk}"
        Event.objects.bulk_create([note], ignore_conflicts=True)
