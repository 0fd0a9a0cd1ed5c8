"""Everything random can be derived again: a session's orders from its seed, a plan from its latents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from study.domain import assignment, headphone_rules, media, orders
from study.errors import Conflict, EarsightError
from study.models import HeadphoneCheck, Session, Study

if TYPE_CHECKING:
    from django.db.models.fields.files import FieldFile

    from study.models import StimulusSet


class NotBuilt(Conflict):
    """There is no plan yet: build the pictures and music first."""


class LatentsNotKept(EarsightError):
    """This study was built before latents were kept; `python -m synvae_core encode` makes them again."""

    status = 404


Orders = list[tuple[int, list[int]]]  # of each presentation: the trial's planned number, slots on the screen


def sessions_out_of_order(study: Study) -> list[Session]:
    """Return the sessions whose orders or condition are not what their seed gives.

    A condition follows from the seed and from the places that were held then, which stand with the session.
    """
    every = study.sessions.select_related("stimuli", "headphone_check", "condition")
    every = every.prefetch_related("presentations__trial", "headphone_check__sounds")
    return [session for session in every if _differs(session)]


def _differs(session: Session) -> bool:
    condition = session.condition
    if condition and condition.place != assignment.derived(session.seed, session.places_held):
        return True
    if stored_orders(session) != derived_orders(session):
        return True
    check = getattr(session, "headphone_check", None)
    return check is not None and stored_layouts(check) != derived_layouts(check)


def stored_layouts(check: HeadphoneCheck) -> list[str]:
    """Return the layouts of a headphone check as they were played, attempt after attempt."""
    sounds = sorted(check.sounds.all(), key=lambda sound: (sound.attempt, sound.position))
    return [sound.layout for sound in sounds]


def derived_layouts(check: HeadphoneCheck) -> list[str]:
    """Return the layouts that the session's seed gives, for the attempts that were begun."""
    begun = sorted({sound.attempt for sound in check.sounds.all()})
    seed = check.session.seed
    return [layout for attempt in begun for layout in headphone_rules.layouts(seed, check.kind, attempt)]


def stored_orders(session: Session) -> Orders:
    """Return the orders as they were shown."""
    shown = sorted(session.presentations.all(), key=lambda row: row.position)
    return [(row.trial.number, row.option_order) for row in shown]


def derived_orders(session: Session) -> Orders:
    """Return the orders that the seed gives."""
    numbers = [row.trial.number for row in session.presentations.all()]
    slots = len(session.stimuli.class_names)
    return [
        (number, orders.option_order(session.seed, number, slots))
        for number in orders.trial_order(session.seed, numbers)
    ]


def plan_json(study: Study) -> str:
    """Return the plan of the study's stimuli, as `sampling` reads it.

    Raises:
        NotBuilt: before the first build.
    """
    return json.dumps(_stimuli(study).plan, indent=1) + "\n"


def latents(study: Study) -> FieldFile:
    """Return the file (npz) of the latents that the plan was made from, opened.

    Raises:
        NotBuilt: before the first build.
        LatentsNotKept: where the build has kept none.
        MediaMissing: when the file has gone.
    """
    file = _stimuli(study).latents
    if not file:
        raise LatentsNotKept
    return media.opened(file)


def _stimuli(study: Study) -> StimulusSet:
    if study.stimuli is None:
        raise NotBuilt
    return study.stimuli
