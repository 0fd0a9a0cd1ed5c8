"""Derive every session's orders again from its seed, and compare them with what was shown."""

from study.domain import orders
from study.models import Session, Study

Orders = list[tuple[int, list[int]]]  # of each presentation: the trial's planned number, slots on the screen


def sessions_out_of_order(study: Study) -> list[Session]:
    """Return the sessions whose stored orders are not what their seed gives (none, or rows were changed)."""
    every = study.sessions.select_related("stimuli").prefetch_related("presentations__trial")
    return [session for session in every if stored_orders(session) != derived_orders(session)]


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
