"""A study's review, computed once for the answers that there are; its page, charts and tables share it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max

from study.domain import answer_matrix, answered, declared, enrolment
from study.domain.selecting import Selection
from study.models import Event, Response, Study

if TYPE_CHECKING:
    from analysis.review import Review
    from analysis.sequential import Declared
    from analysis.values import Undefined

MOST_KEPT = 8  # a review of 10,000 volunteers takes some 5 MB

WHOLE = Selection()

_kept: OrderedDict[tuple[object, ...], Review] = OrderedDict()
_one_at_a_time = Lock()


def fingerprint(study: Study, selection: Selection) -> str:
    """Return what changes whenever an answer, an end, a listen or a deletion changes a number."""
    chosen = answered.sessions(study, selection.mode, passed=selection.passed, condition=selection.condition)
    sessions = chosen.order_by().aggregate(n=Count("pk"), ended=Count("finished_at"), last=Max("pk"))
    ours = {"session__study": study, "session__mode": selection.mode}
    answers = Response.objects.filter(**ours).aggregate(n=Count("pk"), last=Max("received_at"))
    events = Event.objects.filter(**ours).aggregate(last=Max("pk"))
    numbers = (*sessions.values(), *answers.values(), *events.values())
    return hashlib.sha256(repr(numbers).encode()).hexdigest()[:32]


def review(study: Study, selection: Selection, *, mixed: bool = False, mark: str = "") -> Review:
    """Return the review of these sessions, after the rules that the study declared.

    mark  the fingerprint, where it has been taken just before

    Raises:
        analysis.NoAnswers: where nobody is left to count. analysis.ConditionNeeded: where there are several.
    """
    came = enrolment.arrivals(study, selection)
    key = (*_key(study, selection), mark or fingerprint(study, selection), mixed, came)
    with _one_at_a_time:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    found = _review(study, selection, mixed=mixed, arrivals=came)
    with _one_at_a_time:
        _kept[key] = found
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found


def _key(study: Study, selection: Selection) -> tuple[object, ...]:
    arms = tuple(study.conditions.values_list("pk", "name"))
    rules = json.dumps(study.exclusion_rules, sort_keys=True)
    return (study.pk, study.stimuli_id, rules, declared.looks(study), arms, selection)


def _review(study: Study, selection: Selection, **options: Any) -> Review:
    from analysis.review import review as reviewed

    return reviewed(
        answer_matrix.matrix(study, selection),
        exclusions=declared.rules(study) if selection.excluded else None,
        described=selection.described,
        sequential=sequential(study, selection),
        **options,
    )


def sequential(study: Study, selection: Selection) -> Declared | Undefined:
    """Return the declared sequential rule with who finished when, or why it is not followed.

    It is followed over all volunteers alone: tested again in each part, it would find something in guessing
    more often than it says.
    """
    from analysis.sequential import NO_RULE, OF_A_PART, OF_CONDITIONS, Declared

    rule = declared.looks(study)
    if rule is None:
        return NO_RULE
    if study.conditions.count() > 1:
        return OF_CONDITIONS
    if dataclasses.replace(selection, condition=None) != WHOLE:
        return OF_A_PART
    ended = answered.sessions(study, selection.mode).finished().order_by("finished_at", "pk")
    return Declared(rule, tuple(f"s{pk}" for pk in ended.values_list("pk", flat=True)))
