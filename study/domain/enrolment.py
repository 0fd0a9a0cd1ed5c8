"""Who came before the first answer: what the flow of a study begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q

from study.domain import answered
from study.models import Outcome, Response, Study

if TYPE_CHECKING:
    from analysis.arrivals import Arrivals
    from study.domain.selecting import Selection

SENT_AWAY = (Outcome.Kind.SCREENED_OUT, Outcome.Kind.FAILED_CHECK)


def arrivals(study: Study, selection: Selection) -> Arrivals | None:
    """Return who consented, was sent away and began; None of those alone who passed the headphone check."""
    from analysis.arrivals import Arrivals

    if selection.passed:
        return None
    came = answered.sessions(study, selection.mode, condition=selection.condition)
    if selection.described != "include":
        came = came.filter(described=selection.described == "only")
    sent = Exists(Outcome.objects.filter(session=OuterRef("pk"), kind__in=SENT_AWAY))
    gave = Exists(Response.objects.filter(session=OuterRef("pk")))
    found = came.order_by().aggregate(
        consented=Count("pk"),
        screened_out=Count("pk", filter=sent & ~gave),
        began=Count("pk", filter=gave | (~sent & Q(examples_seen_at__isnull=False))),
    )
    return Arrivals(**found)
