"""The road of the test: the stops before and after the trials, in their order, and which of them is due.

A stop is due from the rows alone. To add one: a row in BEFORE_TRIALS or AFTER_TRIALS, a page of the same name
in `study.web.visits.PAGES`, and a verb that marks it done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from study.domain import headphone_rules
from study.errors import Conflict
from study.models import visits

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from study.models import Session


class StepMissing(Conflict):
    """An earlier step is not done yet."""


@dataclass(frozen=True)
class Stop:
    """A page of the road. `name` is the step's; `missing` is said to those who come past it too early."""

    name: str
    missing: _StrPromise
    is_due: Callable[[Session], bool]


def _instructions_due(session: Session) -> bool:
    # Who has seen the examples came before there were instructions.
    return session.instructions_read_at is None and session.examples_seen_at is None


def _questions_due(session: Session) -> bool:
    return session.questions_done_at is None and visits.QUESTION.first(session.study_id) is not None


BEFORE_TRIALS: tuple[Stop, ...] = (
    Stop("sound", _("Please do the sound test first."), lambda session: session.sound_confirmed_at is None),
    Stop("headphones", _("Please do the headphone check first."), headphone_rules.is_due),
    Stop("instructions", _("Please read the instructions first."), _instructions_due),
    Stop("examples", _("Please listen to the examples first."), lambda row: row.examples_seen_at is None),
    Stop(
        "practice",
        _("Please take the practice trial first."),
        lambda session: session.study.practice and session.practised_at is None,
    ),
)
AFTER_TRIALS: tuple[Stop, ...] = (
    Stop("questions", _("Please answer the last questions first."), _questions_due),
)
NAMES = tuple(stop.name for stop in (*BEFORE_TRIALS, *AFTER_TRIALS))
FEWEST_TRIALS_WITH_REST = 4


def due(session: Session, stops: tuple[Stop, ...] = BEFORE_TRIALS) -> Stop | None:
    """Return the first of these stops that is not done yet."""
    return next((stop for stop in stops if stop.is_due(session)), None)


def refuse_before(session: Session, name: str) -> None:
    """Refuse a stop before the trials, or the trials ("trial"), while an earlier stop is due.

    Raises:
        StepMissing: with the sentence of the stop that is due.
    """
    names = [stop.name for stop in BEFORE_TRIALS]
    earlier = BEFORE_TRIALS[: names.index(name)] if name in names else BEFORE_TRIALS
    stop = due(session, earlier)
    if stop is not None:
        raise StepMissing(str(stop.missing))


def rest_place(session: Session, total: int) -> int:
    """Return the place of the trial before which a rest is offered; 0 where none is."""
    if not session.study.rest_half_way or total < FEWEST_TRIALS_WITH_REST:
        return 0
    return total // 2 + 1
