"""Whom the address of a results page asks about, and the same as a query again."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from django.http import HttpRequest

from study.domain import conditions
from study.domain.selecting import Selection
from study.errors import NotYours
from study.models import Condition, Session, Study

if TYPE_CHECKING:
    from analysis.summary import Described


def mode_asked(request: HttpRequest) -> Session.Mode:
    """Return the mode in the address, live where none is given.

    Raises:
        NotYours: for a mode that does not exist.
    """
    try:
        return Session.Mode(request.GET.get("mode", Session.Mode.LIVE))
    except ValueError as error:
        raise NotYours from error


def selection_asked(request: HttpRequest, study: Study) -> Selection:
    """Return the selection that the address names; what it does not name is as usual.

    Raises:
        NotYours: for a value that does not exist, or a condition that the study does not have.
    """
    return Selection(
        mode=mode_asked(request),
        described=cast("Described", _one_of(request, "described", ("exclude", "only", "include"))),
        passed=_one_of(request, "headphones", ("all", "passed")) == "passed",
        condition=_condition(request, study),
        excluded=_one_of(request, "exclusions", ("with", "without")) == "with",
    )


def _one_of(request: HttpRequest, name: str, values: tuple[str, ...]) -> str:
    asked = request.GET.get(name, values[0])
    if asked not in values:
        raise NotYours
    return asked


def _condition(request: HttpRequest, study: Study) -> Condition | None:
    asked = request.GET.get("condition", "")
    return conditions.numbered(study, asked) if asked else None


def query(selection: Selection, **changed: str) -> str:
    """Return the selection as the query of an address, with some of it changed; "" leaves a part out."""
    told = {
        "mode": str(selection.mode),
        "described": selection.described,
        "headphones": "passed" if selection.passed else "all",
        "condition": str(selection.condition.pk) if selection.condition else "",
        "exclusions": "" if selection.excluded else "without",
    }
    return urlencode({name: value for name, value in (told | changed).items() if value})
