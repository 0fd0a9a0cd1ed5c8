"""How often each sound of a headphone check was heard to its end, read from the visit's log.

No presentation stands behind such a sound, so nothing in an event's row could name it. The page therefore
begins the event's own id with the sound's place: `sound-1-3-...` happened to the third sound of the first
attempt.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from study.models import Event, HeadphoneSound, Session

if TYPE_CHECKING:
    from django.db.models import QuerySet

Place = tuple[int, int]  # (attempt, position), both from 1

_NAMED = re.compile(r"sound-(\d)-(\d)-.+")


def mark(sound: HeadphoneSound) -> str:
    """Return what the id of every event of this sound begins with, but for a dash."""
    return f"sound-{sound.attempt}-{sound.position}"


def ends() -> QuerySet[Event]:
    """Return the events that tell of a sound heard to its end."""
    return Event.objects.filter(kind=Event.Kind.ENDED, client_id__startswith="sound-")


def counted(told: Iterable[Event]) -> Counter[Place]:
    """Return how often each sound was heard to its end; none where the page had no script."""
    names = (_NAMED.fullmatch(event.client_id) for event in told)
    return Counter((int(name[1]), int(name[2])) for name in names if name)


def is_heard(session: Session, sound: HeadphoneSound) -> bool:
    """Return whether the log tells of this sound's end."""
    return ends().filter(session=session, client_id__startswith=f"{mark(sound)}-").exists()
