"""Many finished visits at once, written as rows: the domain takes minutes for thousands of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils import timezone

if TYPE_CHECKING:
    from study.models import Presentation, Session, Study

AT_ONCE = 5000


def crowd(
    study: Study,
    sessions: int,
    *,
    accuracy: float = 0.7,
    missing: float = 0.0,
    heard: bool = True,
    seed: int = 1,
    **fields: Any,
) -> list[Session]:
    """Give the study visits that have finished, right with this probability.

    missing  share of answers that were never given (real visits finish with all of them)
    heard    with a play and an end of every clip in the log
    fields   of each session, beside what is usual
    """
    from study.models import Session

    rng = np.random.default_rng(seed)
    assert study.stimuli is not None
    now = timezone.now()
    usual = {"consented_at": now, "consent_hash": "0" * 64, "sound_confirmed_at": now,
             "instructions_read_at": now, "examples_seen_at": now, "finished_at": now,
             "expires_at": now + timedelta(days=1), "study_hash": study.content_hash,
             "stimuli": study.stimuli}  # fmt: skip
    rows = [Session(study=study, seed=number, **usual | fields) for number in range(sessions)]
    made = Session.objects.bulk_create(rows, batch_size=AT_ONCE)
    trials = list(study.stimuli.trials.order_by("number").prefetch_related("options"))
    shown = _presentations(made, trials, rng)
    _responses(study, shown, trials, accuracy, missing, rng)
    if heard:
        _events(shown)
    return made


def _presentations(made: list[Session], trials: list[Any], rng: np.random.Generator) -> list[Presentation]:
    from study.models import Presentation

    places = list(range(trials[0].options.count()))
    rows = [
        Presentation(
            session=session,
            trial=trials[number],
            position=position,
            option_order=rng.permutation(places).tolist(),
        )
        for session in made
        for position, number in enumerate(rng.permutation(len(trials)).tolist(), start=1)
    ]
    return Presentation.objects.bulk_create(rows, batch_size=AT_ONCE)


def _responses(
    study: Study, shown: list[Presentation], trials: list[Any], accuracy: float, missing: float,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    from study.models import Response

    options = {
        trial.pk: ({one.slot: one for one in trial.options.all()}, trial.options.get(is_truth=True).slot)
        for trial in trials
    }
    right, wrong = (
        rng.random(len(shown)) < accuracy,
        rng.integers(1, len(options[trials[0].pk][0]), len(shown)),
    )
    given = rng.random(len(shown)) >= missing
    milliseconds = rng.lognormal(8, 0.5, len(shown)).astype(int)
    rows = []
    for place in np.flatnonzero(given).tolist():
        at = shown[place]
        of_trial, truth = options[at.trial_id]
        slot = truth if right[place] else (truth + int(wrong[place])) % len(of_trial)
        rows.append(
            Response(
                presentation=at,
                session_id=at.session_id,
                option=of_trial[slot],
                screen_position=at.option_order.index(slot),
                client_id=f"{at.pk}-answer",
                milliseconds=int(milliseconds[place]),
                study_hash=study.content_hash or "draft",
            )
        )
    Response.objects.bulk_create(rows, batch_size=AT_ONCE)


def _events(shown: list[Presentation]) -> None:
    from study.models import Event

    rows = [
        Event(session_id=at.session_id, presentation=at, kind=kind, client_id=f"{at.pk}-{kind}", seconds=0.1)
        for at in shown
        for kind in (Event.Kind.PLAY, Event.Kind.ENDED)
    ]
    Event.objects.bulk_create(rows, batch_size=AT_ONCE)
