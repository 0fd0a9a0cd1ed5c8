"""Take an answer: the first one wins, a repeat is recognised, nothing acknowledged is lost or doubled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction

from study.domain import deadlines, events, listening, road, sessions
from study.domain.events import CLIENT_ID, ForeignTrial, Reported
from study.errors import Conflict, EarsightError, Gone
from study.models import Presentation, Response, Session, visits
from study.models.tokens import is_token

LONGEST_MS = 24 * 60 * 60 * 1000


class AnswerInvalid(EarsightError):
    """This is not an answer that the page could have sent."""


class NotAnOption(EarsightError):
    """Choose one of the pictures of this trial."""


class ClientIdReused(Conflict):
    """This answer's id was used for another trial."""


class SessionEnded(Gone):
    """This visit has ended; its answers are final."""


@dataclass(frozen=True)
class Receipt:
    """The server's word that an answer is stored. `kept` is the choice that counts: the first one."""

    presentation: Presentation
    response: Response
    created: bool  # False: it was there already

    @property
    def kept(self) -> int:
        """The 0-based screen position of the picture that counts."""
        return self.response.screen_position


def answer(
    session: Session,
    presentation_token: str,
    *,
    choice: int,
    client_id: str,
    milliseconds: int | None = None,
    waited_ms: int = 0,
    reports: Sequence[Reported] = (),
    plain: bool = False,
) -> Receipt:
    """Store one answer and return its receipt.

    `choice` is the 0-based place of the picture on the screen; `client_id` names this answer, so that sending
    it again (a retry, a double click, a second tab) returns the same receipt and changes nothing. A later,
    different answer to the same trial is acknowledged with the first one kept. `reports` are events of this
    trial which the server may not have yet: they are stored with the answer and count for its listens.
    `waited_ms`: how long the answer lay on a device without a connection; it counts as given when it was.
    `plain`: sent by a form, from a page that may have no script to report what was heard.

    Raises:
        ForeignTrial, NotAnOption, AnswerInvalid, ClientIdReused, EventInvalid: what no page of ours sends.
        ConsentMissing, StepMissing: before consent or the sound test and examples.
        NotHeard: before the clip was heard as often as the study asks.
        SessionEnded, StudyClosed: after the end. SessionExpired: after the visit's time.
        NoSuchSession: when the visit was deleted meanwhile.
    """
    _refuse_malformed(client_id, milliseconds)
    events.refuse_malformed(reports)
    presentation = _presentation(session, presentation_token, reports)
    stored = getattr(presentation, "response", None)
    if stored is not None and stored.client_id == client_id:
        return Receipt(presentation, stored, created=False)
    _refuse_untimely(session, timedelta(milliseconds=waited_ms))
    if not 0 <= choice < len(presentation.option_order):
        raise NotAnOption
    if stored is not None:
        return _kept(session, presentation, client_id)
    listening.refuse_unheard(session, presentation, reports, plain=plain)
    return _store(
        Response(
            presentation=presentation,
            session=session,
            screen_position=choice,
            client_id=client_id,
            milliseconds=milliseconds,
            study_hash=session.study_hash,
        ),
        reports,
    )


def _store(response: Response, reports: Sequence[Reported]) -> Receipt:
    session, presentation = response.session, response.presentation
    try:
        with transaction.atomic():
            response.option_id = _held_with_option(response)
            if reports:
                events.store(session, reports, presentation)
            visits.RESPONSE.store(response)
    except IntegrityError:  # another request was first, or the id is used
        return _kept(session, presentation, response.client_id)
    return Receipt(presentation, response, created=True)


def _refuse_malformed(client_id: str, milliseconds: int | None) -> None:
    if not CLIENT_ID.fullmatch(client_id):
        raise AnswerInvalid("An answer's id has 8 to 64 letters, digits, dashes or underscores.")
    if milliseconds is not None and not 0 <= milliseconds <= LONGEST_MS:
        raise AnswerInvalid("A response time lies between 0 and 24 hours, in milliseconds.")


def _presentation(session: Session, token: str, reports: Sequence[Reported]) -> Presentation:
    if not is_token(token):
        raise ForeignTrial
    if listening.minimum_of(session):
        presentation = visits.SHOWN_AND_HEARD.first(session.pk, token, listening.ids_of(reports))
    else:
        presentation = visits.SHOWN.first(session.pk, token)
    if presentation is None:
        raise ForeignTrial
    return presentation


def _kept(session: Session, presentation: Presentation, client_id: str) -> Receipt:
    """Acknowledge the answer that was there first; an id that names another trial's answer is refused."""
    other = Response.objects.filter(session=session, client_id=client_id).exclude(presentation=presentation)
    if other.exists():
        raise ClientIdReused
    first = Response.objects.filter(presentation=presentation).first()
    if first is None:  # deleted meanwhile
        raise sessions.NoSuchSession
    return Receipt(presentation, first, created=False)


def _refuse_untimely(session: Session, waited: timedelta) -> None:
    if session.finished_at is not None:
        raise SessionEnded
    sessions.refuse_closed(session)
    sessions.refuse_without_consent(session)
    road.refuse_before(session, "trial")
    deadlines.refuse_late(session, waited)


def _held_with_option(response: Response) -> int:
    """Hold the response's session, as `presence.hold`, and return which option was chosen."""
    presentation = response.presentation
    slot = presentation.option_order[response.screen_position]
    held = visits.HELD_WITH_OPTION.first(presentation.pk, slot)
    if held is None:
        raise sessions.NoSuchSession
    option: int = held.option
    return option
