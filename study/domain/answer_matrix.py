"""A study's answers laid out as arrays, read as plain rows: what thousands of visits are summarised from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Count, Q
from numpy.typing import NDArray

from study.domain import answered
from study.models import Event, Response, Study, TrialOption

if TYPE_CHECKING:
    from analysis.matrix import AnswerMatrix
    from study.domain.selecting import Selection

Ints = NDArray[np.int64]

_FIELDS = (
    "session_id", "presentation_id", "option_id", "presentation__position", "screen_position", "milliseconds",
)  # fmt: skip


def matrix(study: Study, selection: Selection) -> AnswerMatrix:
    """Return what `to_matrix` makes of `results.answers`, without an object for each answer.

    The database holds what `to_matrix` checks: one answer for each presentation, an option of its trial.
    """
    from analysis.matrix import NO_ANSWER, TOLD, UNKNOWN, AnswerMatrix

    known = _sessions(study, selection)
    rows = _rows(study, selection)
    row_of, present = _numbered([row[0] for row in known], rows[:, 0])
    known = [row for row, here in zip(known, present.tolist(), strict=True) if here]
    trials, column, slot = _trials(study, rows[:, 2])
    told = dict(zip(("order", "position", "response_ms"), rows[:, 3:6].T, strict=True))
    told |= _events(study, selection, rows[:, 1])

    def laid(values: Ints, filler: int) -> Ints:
        table = np.full((len(known), len(trials)), filler, dtype=np.int64)
        table[row_of, column] = values
        return table

    names = tuple(study.stimuli.class_names) if study.stimuli and known else ()
    truths = _truths(study)
    return AnswerMatrix(
        sessions=tuple(f"s{pk}" for pk, *_ in known),
        complete=np.array([finished is not None for _, finished, *_ in known], dtype=bool),
        described=np.array([described for *_, described, _, _, _ in known], dtype=bool),
        condition=tuple(arm or "" for *_, arm, _, _ in known),
        trials=trials,
        classes=names,
        listed=(names,) * len(trials),
        offered=np.ones((len(trials), len(names)), dtype=bool),
        truth=np.array([truths[number] for number in trials], dtype=np.int64),
        choice=laid(slot, NO_ANSWER),
        headphones=tuple(None if outcome is None else outcome == "passed" for *_, outcome, _ in known),
        again=tuple(again for *_, again in known),
        told={name: laid(told[name], UNKNOWN) for name in TOLD},
    )


def _sessions(study: Study, selection: Selection) -> list[tuple[Any, ...]]:
    """Number, end, way of choosing, condition, headphone check and return of each session, in their order."""
    chosen = answered.sessions(study, selection.mode, passed=selection.passed, condition=selection.condition)
    fields = ("pk", "finished_at", "described", "condition__name", "headphone_check__outcome", "again")
    return list(chosen.order_by("pk").values_list(*fields))


def _rows(study: Study, selection: Selection) -> Ints:
    """The answers as (N, 6), with -1 for what is not known."""
    chosen = answered.sessions(study, selection.mode, passed=selection.passed, condition=selection.condition)
    rows = Response.objects.filter(session__in=chosen.order_by()).order_by().values_list(*_FIELDS)
    found = [row if row[5] is not None else (*row[:5], -1) for row in rows]
    return np.array(found, dtype=np.int64).reshape(-1, len(_FIELDS))


def _numbered(ids: list[int], found: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Number the ids that were found: the place of each found one, and which of all ids are there."""
    every = np.array(ids, dtype=np.int64)
    present = np.isin(every, found)
    return np.searchsorted(every[present], found), present


def _trials(study: Study, options: Ints) -> tuple[tuple[int, ...], Ints, Ints]:
    """Numbers of the trials that were answered; for each answer the place of its trial, and its slot."""
    distinct, place = np.unique(options, return_inverse=True)
    rows = TrialOption.objects.filter(pk__in=distinct.tolist()).values_list("pk", "trial__number", "slot")
    known = {pk: (number, slot) for pk, number, slot in rows}
    numbers = np.array([known[pk][0] for pk in distinct.tolist()], dtype=np.int64)
    slots = np.array([known[pk][1] for pk in distinct.tolist()], dtype=np.int64)
    trials, column = np.unique(numbers, return_inverse=True)
    return tuple(trials.tolist()), column[place], slots[place]


def _truths(study: Study) -> dict[int, int]:
    """By trial number the slot of its source."""
    options = TrialOption.objects.filter(trial__set=study.stimuli_id, is_truth=True)
    return dict(options.values_list("trial__number", "slot"))


def _events(study: Study, selection: Selection, presentations: Ints) -> dict[str, Ints]:
    """For each answer how often its clip was started (plays) and came to its end (listens)."""
    kinds = {"plays": Event.Kind.PLAY, "listens": Event.Kind.ENDED}
    logged = Event.objects.filter(
        session__study=study, session__mode=selection.mode, presentation__isnull=False,
        kind__in=kinds.values(),
    )  # fmt: skip
    counts = {name: Count("pk", filter=Q(kind=kind)) for name, kind in kinds.items()}
    rows = logged.values_list("presentation_id").annotate(**counts).order_by()
    beyond = (np.iinfo(np.int64).max, 0, 0)  # so that every number has a place
    found = np.array([*sorted(rows), beyond], dtype=np.int64)  # (presentations with events + 1, 3)
    at = np.searchsorted(found[:, 0], presentations)
    there = found[at, 0] == presentations
    return {name: np.where(there, found[at, place], 0) for place, name in enumerate(kinds, start=1)}
