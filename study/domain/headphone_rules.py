"""How a headphone check goes, and where a visit stands in its own.

The published criteria: antiphase 5 of 6 right in one attempt (guessing passes once in 56 times), Huggins
pitch 6 of 6 in one of two attempts (once in 365).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from study.domain import orders
from study.models import HeadphoneCheck, HeadphoneSound, Session, Study

OFF, REQUIRED = Study.Screening.OFF, Study.Screening.REQUIRED
ANTIPHASE, HUGGINS = Study.ScreeningKind.ANTIPHASE, Study.ScreeningKind.HUGGINS
Outcome = HeadphoneCheck.Outcome


@dataclass(frozen=True)
class Rules:
    """Layouts to be heard once each, right answers that pass, attempts, and the letter that is asked for."""

    layouts: tuple[str, ...]
    needed: int
    attempts: int
    target: str

    def right(self, sounds: Sequence[HeadphoneSound]) -> int:
        """Return how many of these were answered rightly."""
        return sum(sound.choice == sound.layout.index(self.target) for sound in sounds)


RULES = {
    ANTIPHASE.value: Rules(("ISO", "IOS", "SOI", "SIO", "OSI", "OIS"), needed=5, attempts=1, target="S"),
    HUGGINS.value: Rules(("HNN", "NHN", "NNH") * 2, needed=6, attempts=2, target="H"),
}


@dataclass(frozen=True)
class Stand:
    """Where a visit stands. `phase`: begin, sound, again (an attempt failed, another is left) or over."""

    phase: str
    kind: str
    check: HeadphoneCheck | None = None
    sound: HeadphoneSound | None = None  # the first without an answer, in phase "sound"

    @property
    def rules(self) -> Rules:
        """The rules of this kind of check."""
        return RULES[self.kind]

    @property
    def is_over(self) -> bool:
        """Whether the check has an outcome."""
        return self.phase == "over"


def stand(session: Session) -> Stand | None:
    """Return where the visit stands in its check; None where the study has none."""
    if session.study.screening == OFF:
        return None
    check = HeadphoneCheck.objects.filter(session=session).first()
    if check is None:
        return Stand("begin", session.study.screening_kind)
    if check.outcome:
        return Stand("over", check.kind, check)
    waiting = check.sounds.filter(attempt=check.attempts, choice__isnull=True).order_by("position")
    sound = waiting.first()
    return Stand("sound" if sound else "again", check.kind, check, sound)


def may_go_on(session: Session, here: Stand | None) -> bool:
    """Return whether the check, where there is one, lets the visit go on to the test."""
    if here is None:
        return True
    if not here.is_over or here.check is None:
        return False
    return here.check.outcome == Outcome.PASSED or session.study.screening != REQUIRED


def is_due(session: Session) -> bool:
    """Return whether the visit stands at its check: to take it, or for good where it is required."""
    if session.examples_seen_at is not None or session.study.screening == OFF:
        return False
    return not may_go_on(session, stand(session))


def layouts(seed: int, kind: str, attempt: int) -> list[str]:
    """Return the layouts of an attempt in the order that a session's seed gives them."""
    return orders.layout_order(seed, attempt, RULES[kind].layouts)


def noise_seed(seed: int, sound: HeadphoneSound) -> int:
    """Return the seed of a sound's noise; it follows from the session's seed and the sound's place."""
    text = f"{seed}/headphones/{sound.attempt}/{sound.position}/noise"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
