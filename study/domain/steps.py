"""The steps beside the trials: instructions, the practice trial, the rest half way."""

from __future__ import annotations

from study.domain import road, sessions
from study.domain.presence import refreshed
from study.errors import EarsightError
from study.models import Session


class NotAPracticeOption(EarsightError):
    """Choose one of the pictures of the practice trial."""


@sessions.while_open
def read_instructions(session: Session) -> Session:
    """Record that the volunteer has read the instructions.

    Raises:
        ConsentMissing: before consent. StepMissing: before the sound test.
    """
    sessions.refuse_without_consent(session)
    road.refuse_before(session, "instructions")
    return sessions.mark(session, "instructions_read_at")


@sessions.while_open
def practise(session: Session, *, choice: int) -> Session:
    """Keep what the volunteer chose in the practice trial (0-based place), for the feedback; the first stays.

    Raises:
        ConsentMissing: before consent. StepMissing: before the examples.
        NotAPracticeOption: for a place where no picture is.
    """
    sessions.refuse_without_consent(session)
    road.refuse_before(session, "practice")
    if not 0 <= choice < len(session.stimuli.class_names):
        raise NotAPracticeOption
    Session.objects.filter(pk=session.pk, practice_choice__isnull=True).update(practice_choice=choice)
    return refreshed(session, "practice_choice")


@sessions.while_open
def finish_practice(session: Session) -> Session:
    """Record that the volunteer has practised, or would rather not, and goes on to the trials.

    Raises:
        ConsentMissing: before consent. StepMissing: before the examples.
    """
    sessions.refuse_without_consent(session)
    road.refuse_before(session, "practice")
    return sessions.mark(session, "practised_at")


@sessions.while_open
def take_rest(session: Session) -> Session:
    """Record that the volunteer goes on after the rest half way.

    Raises:
        ConsentMissing: before consent.
    """
    sessions.refuse_without_consent(session)
    return sessions.mark(session, "rested_at")
