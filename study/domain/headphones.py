"""The verbs of a headphone check: begin an attempt, answer a sound, or say that it can't be done."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

from django.db import transaction
from django.utils import timezone

from study.domain import headphone_sounds, outcomes, road, sessions
from study.domain.headphone_rules import (
    ANTIPHASE,
    HUGGINS,
    OFF,
    REQUIRED,
    RULES,
    Outcome,
    layouts,
    noise_seed,
    stand,
)
from study.errors import Conflict, EarsightError, NotYours
from study.models import HeadphoneCheck, HeadphoneSound, Session
from study.models import Outcome as VisitOutcome
from study.models.tokens import is_token

Reason = HeadphoneCheck.Reason
# How a visit ends whose study requires the check.
_SENT_AWAY = {
    Outcome.FAILED: VisitOutcome.Kind.FAILED_CHECK,
    Outcome.CANNOT: VisitOutcome.Kind.SCREENED_OUT,
}

# By name, for setting the volume and for learning what to listen for.
COMMON_SOUNDS: dict[str, Callable[[], bytes]] = {
    "volume-antiphase": partial(headphone_sounds.volume, ANTIPHASE.value),
    "volume-huggins": partial(headphone_sounds.volume, HUGGINS.value),
    "example-huggins": headphone_sounds.huggins_example,
}


class NotOneOfThree(EarsightError):
    """Choose the first, the second or the third."""


class NoCheckHere(Conflict):
    """There is no headphone check to do now."""


class NotAReason(EarsightError):
    """This is not one of the reasons on the page."""


@transaction.atomic
def begin(session: Session) -> HeadphoneCheck:
    """Begin the check, or the next attempt when one was not passed; while one runs this changes nothing.

    Raises:
        ConsentMissing, StepMissing: before consent or the sound test. StudyClosed: after the end.
        NoCheckHere: where the study has none, or when the test has begun.
    """
    check = _check(session)
    here = stand(session)
    begun = check.sounds.exists()
    if here is None or here.is_over or (begun and here.phase != "again"):
        return check
    if begun:
        check.attempts += 1
        check.save(update_fields=["attempts"])
    order = layouts(session.seed, check.kind, check.attempts)
    HeadphoneSound.objects.bulk_create(
        HeadphoneSound(headphone_check=check, attempt=check.attempts, position=position, layout=layout)
        for position, layout in enumerate(order, start=1)
    )
    return check


@transaction.atomic
def answer(session: Session, sound_token: str, choice: int) -> HeadphoneCheck:
    """Store which of three sounds was chosen, 0-based; the first answer counts, the last ends the attempt.

    Raises:
        as begin, and NotYours: for a sound of another visit. NotOneOfThree: for no place in it.
    """
    if choice not in (0, 1, 2):
        raise NotOneOfThree
    check = _check(session)
    sounds = check.sounds.filter(token=sound_token) if is_token(sound_token) else check.sounds.none()
    if not sounds.exists():
        raise NotYours
    if not check.outcome:
        sounds.filter(choice__isnull=True).update(choice=choice, answered_at=timezone.now())
        _grade(check)
    return check


@transaction.atomic
def decline(session: Session, reason: str) -> HeadphoneCheck:
    """Store that the volunteer can't do the check, and why in broad words; an outcome stays what it was.

    Raises:
        as begin, and NotAReason: for an unknown reason.
    """
    if reason not in Reason.values:
        raise NotAReason
    check = _check(session)
    if not check.outcome:
        check.reason = reason
        _end(check, Outcome.CANNOT)
    return check


def sound_file(name: str) -> bytes:
    """Return the WAV file with this name: a sound's token, or one of those that everybody hears.

    Raises:
        NotYours: where there is none.
    """
    if name in COMMON_SOUNDS:
        return COMMON_SOUNDS[name]()
    rows = HeadphoneSound.objects.select_related("headphone_check__session")
    sound = rows.filter(token=name).first() if is_token(name) else None
    if sound is None:
        raise NotYours
    check = sound.headphone_check
    return _rendered(check.kind, sound.layout, noise_seed(check.session.seed, sound))


@lru_cache(maxsize=8)  # a browser that asks for byte ranges asks more than once
def _rendered(kind: str, layout: str, seed: int) -> bytes:
    if kind == ANTIPHASE:
        return headphone_sounds.antiphase(layout)
    return headphone_sounds.huggins(layout, seed)


def _check(session: Session) -> HeadphoneCheck:
    """Return the visit's check, made if need be, locked until the transaction ends."""
    sessions.refuse_closed(session)
    sessions.refuse_without_consent(session)
    road.refuse_before(session, "headphones")
    study = session.study
    if study.screening == OFF or session.examples_seen_at is not None or session.finished_at is not None:
        raise NoCheckHere
    sessions.hold(session)
    HeadphoneCheck.objects.get_or_create(session=session, defaults={"kind": study.screening_kind})
    return HeadphoneCheck.objects.select_for_update().get(session=session)


def _grade(check: HeadphoneCheck) -> None:
    """Count the attempt once every sound of it has an answer, and end the check where it decides."""
    sounds = list(check.sounds.filter(attempt=check.attempts))
    if any(sound.choice is None for sound in sounds):
        return
    rules = RULES[check.kind]
    check.right = rules.right(sounds)
    check.save(update_fields=["right"])
    if check.right >= rules.needed:
        _end(check, Outcome.PASSED)
    elif check.attempts >= rules.attempts:
        _end(check, Outcome.FAILED)


def _end(check: HeadphoneCheck, outcome: HeadphoneCheck.Outcome) -> None:
    check.outcome, check.ended_at = outcome, timezone.now()
    check.save(update_fields=["outcome", "reason", "ended_at"])
    if check.session.study.screening == REQUIRED and outcome in _SENT_AWAY:
        outcomes.record(check.session, _SENT_AWAY[outcome])
