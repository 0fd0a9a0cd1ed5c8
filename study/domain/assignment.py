"""Which condition a new volunteer is given: the emptiest one, decided under a lock, derivable again.

A volunteer holds a place in their condition from the start: for good once they finish, and until then as long
as they may still come back. Whoever stays away longer, withdraws or is sent away frees the place. Among the
conditions that are on and below their quota, the one with the fewest places held is given; where several are
equal, the session's stored seed decides. What was counted is stored with the session, so that anybody can
derive each assignment again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db.models import Count

from study.domain import conditions
from study.errors import Gone
from study.models import Condition, Session, Study, visits

if TYPE_CHECKING:
    from django.db.models import QuerySet


class StudyFull(Gone):
    """This study has found all the people it needs; thank you for coming."""


class StudyFullForNow(StudyFull):
    """Enough people are taking part in this study at the moment; please come back later."""


def assign(session: Session) -> None:
    """Give a new session its condition and that condition's stimuli; a study without conditions gives none.

    Call it in the transaction that stores the session and has locked the study's row, so that of many who
    arrive at once each sees those before.

    Raises:
        StudyFull: when no condition has a place. MusicMissing: while a condition's music is not built.
    """
    study, every = session.study, visits.CONDITIONS.all(session.study_id)
    if not every:
        return
    made = conditions.stimuli_of(study)
    conditions.refuse_missing(every, made)
    held = places_held(study, session.mode)
    has_room = [row for row in every if _has_room(row, session.mode, held)]
    if not has_room:
        raise _full(study)
    session.places_held = {str(row.place): held[row.pk] for row in has_room}
    place = derived(session.seed, session.places_held)
    session.condition = next(row for row in has_room if row.place == place)
    session.stimuli = made[conditions.kind_of(session.condition)]


def derived(seed: int, held: Mapping[str, int]) -> int:
    """Return the place of the condition that a seed gives, from the places held in those that had room."""
    fewest = min(held.values())
    tied = [int(place) for place, count in held.items() if count == fewest]
    return min(tied, key=lambda place: hashlib.sha256(f"{seed}/condition/{place}".encode()).digest())


def places_held(study: Study, mode: str) -> Counter[int]:
    """Return by condition (its primary key) how many of its places are held."""
    return _by_condition(Session.objects.holding_a_place(study, mode))


def places_finished(study: Study, mode: str) -> Counter[int]:
    """Return by condition (its primary key) how many volunteers of this mode have finished."""
    return _by_condition(study.sessions.filter(mode=mode, finished_at__isnull=False))


def _by_condition(counted: QuerySet[Session]) -> Counter[int]:
    placed = counted.filter(condition__isnull=False).values_list("condition")
    return Counter(dict(placed.annotate(times=Count("pk")).order_by()))


def refuse_full(study: Study, mode: str) -> None:
    """Raise StudyFull when a new session of this mode would find no place; changes nothing."""
    every = visits.CONDITIONS.all(study.pk)
    if not every:
        return
    held = places_held(study, mode)
    if not any(_has_room(row, mode, held) for row in every):
        raise _full(study)


def _has_room(condition: Condition, mode: str, held: Mapping[int, int]) -> bool:
    """Return whether one more may come. Quotas count volunteers: pilots and rehearsals fill none."""
    if mode != Session.Mode.LIVE or condition.quota is None:
        return condition.is_on
    return condition.is_on and held[condition.pk] < condition.quota


def _full(study: Study) -> StudyFull:
    """Return the refusal; a place that somebody holds who has not finished may become free."""
    held = Session.objects.holding_a_place(study, Session.Mode.LIVE)
    return StudyFullForNow() if held.filter(finished_at__isnull=True).exists() else StudyFull()
