"""How a visit ended, or where it is: one word for researchers and panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from study.domain import deadlines
from study.models import Outcome, Session

if TYPE_CHECKING:
    from study.models import Study


class Ending(models.TextChoices):
    """Where a visit stands in the eyes of a panel."""

    COMPLETE = "complete", "Finished"
    FAILED_CHECK = Outcome.Kind.FAILED_CHECK.value, "Failed the headphone check"
    SCREENED_OUT = Outcome.Kind.SCREENED_OUT.value, "Could not take part"
    BROKEN = Outcome.Kind.BROKEN.value, "Said that something broke"
    EXPIRED = "expired", "Did not finish in time"
    UNDER_WAY = "under_way", "Under way"


def record(session: Session, kind: Outcome.Kind) -> None:
    """Note an ending that is not the last trial; a second time changes nothing."""
    Outcome.objects.get_or_create(session=session, kind=kind)


def of(session: Session) -> Ending:
    """Return how the visit ended. Whoever finished has finished, whatever happened on the way.

    Asks for no row where `session.outcomes` is prefetched.
    """
    if session.finished_at is not None:
        return Ending.COMPLETE
    kinds = {outcome.kind for outcome in session.outcomes.all()}
    for ending in (Ending.FAILED_CHECK, Ending.SCREENED_OUT, Ending.BROKEN):
        if ending.value in kinds:
            return ending
    return Ending.EXPIRED if deadlines.is_over(session) else Ending.UNDER_WAY


def code_column(ending: Ending) -> str:
    """Return the name of the study's option that holds the code of this ending; nothing where none has."""
    return {
        Ending.COMPLETE: "completion_code",
        Ending.FAILED_CHECK: "failed_check_code",
        Ending.SCREENED_OUT: "screened_out_code",
        Ending.BROKEN: "broken_code",
    }.get(ending, "")


def code_of(study: Study, ending: Ending) -> str:
    """Return what the study says to a panel about this ending: a code, an address, or nothing."""
    column = code_column(ending)
    return str(getattr(study, column)) if column else ""
