"""The answers of a study as `analysis` reads them, one by one; sessions of one mode only, never mixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q

from study.errors import EarsightError
from study.models import Condition, Event, Response, Session, Study, TrialOption
from study.models.sessions import SessionQuerySet

if TYPE_CHECKING:
    from analysis import Answer

AT_ONCE = 2000  # rows held in memory


class NoSuchMode(EarsightError):
    """Sessions are live, pilot or simulated."""

    status = 404


def each(
    study: Study,
    mode: str = Session.Mode.LIVE,
    *,
    passed: bool = False,
    condition: Condition | None = None,
) -> Iterator[Answer]:
    """Yield every answer of the sessions that `sessions` returns, in the order of presentations."""
    from analysis import Answer

    if study.stimuli is None:
        return
    names = study.stimuli.class_names
    ids, truths = _options(study)
    plays, listens = _times(study, mode)
    fields = ("session_id", "presentation_id", "presentation__trial__number", "presentation__position",
              "option__slot", "screen_position", "milliseconds", "session__finished_at",
              "session__described", "session__condition__name",
              "session__headphone_check__outcome", "session__again")  # fmt: skip
    rows = Response.objects.filter(session__in=sessions(study, mode, passed=passed, condition=condition))
    in_order = rows.order_by("session_id", "presentation__position").values_list(*fields)
    for row in in_order.iterator(AT_ONCE):
        (session, presentation, trial, order, slot, position, milliseconds, finished, described, arm,
         check, again) = row  # fmt: skip
        yield Answer(
            session=f"s{session}",
            trial=trial,
            options=tuple(names),
            truth=names[truths[trial]],
            choice=names[slot],
            order=order,
            position=position,
            response_ms=milliseconds,
            plays=plays[presentation],
            listens=listens[presentation],
            option_ids=ids[trial],
            session_complete=finished is not None,
            described=described,
            condition=arm or "",
            headphones=None if check is None else check == "passed",
            again=again,
        )


def sessions(
    study: Study, mode: str, *, passed: bool = False, condition: Condition | None = None
) -> SessionQuerySet:
    """Return the countable sessions that took the study as it is now: its stimuli, its conditions."""
    if mode not in Session.Mode.values:
        raise NoSuchMode
    if study.stimuli is None:
        return Session.objects.none()
    without = Q(stimuli=study.stimuli, condition__isnull=True) & ~Q(
        study__in=Condition.objects.values("study")
    )
    within = Q(
        stimuli__build=study.stimuli.build_id,
        stimuli__translator=F("condition__translator"),
        stimuli__music=F("condition__music"),
    )
    found = Session.objects.countable(mode).filter(without | within, study=study)
    return passing(found.filter(condition=condition) if condition else found, passed)


def passing(sessions: SessionQuerySet, passed: bool) -> SessionQuerySet:
    """Return those that have passed the headphone check, where only they are wanted."""
    return sessions.filter(headphone_check__outcome="passed") if passed else sessions


def _options(study: Study) -> tuple[dict[int, tuple[str, ...]], dict[int, int]]:
    """Return by trial number the ids of its pictures, in slot order, and the slot of the truth."""
    ids: dict[int, tuple[str, ...]] = {}
    truths: dict[int, int] = {}
    options = TrialOption.objects.filter(trial__set=study.stimuli_id).order_by("trial__number", "slot")
    rows = options.values_list("trial__number", "slot", "stimulus__source_id", "is_truth")
    for trial, slot, id_, is_truth in rows:
        ids[trial] = (*ids.get(trial, ()), id_)
        if is_truth:
            truths[trial] = slot
    return ids, truths


def _times(study: Study, mode: str) -> tuple[Counter[int], Counter[int]]:
    """Return by presentation how often its clip was started, and how often it came to its end."""
    kinds = {Event.Kind.PLAY.value: Counter[int](), Event.Kind.ENDED.value: Counter[int]()}
    logged = Event.objects.filter(
        kind__in=kinds, session__study=study, session__mode=mode, presentation__isnull=False
    )
    rows = logged.values_list("kind", "presentation_id").annotate(times=Count("pk")).order_by()
    for kind, presentation, times in rows:
        kinds[kind][presentation] = times
    return kinds[Event.Kind.PLAY.value], kinds[Event.Kind.ENDED.value]
