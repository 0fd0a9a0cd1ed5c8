"""The results page and its downloads; sessions of one mode at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from study.domain import results
from study.errors import NotYours
from study.models import Session, Study
from study.web import numbers
from study.web.access import on_study
from study.web.downloads import download

if TYPE_CHECKING:
    from analysis.summary import Described

CSV = "text/csv; charset=utf-8"


def mode_asked(request: HttpRequest) -> Session.Mode:
    """Return the mode in the address, live where none is given.

    Raises:
        NotYours: for a mode that does not exist.
    """
    try:
        return Session.Mode(request.GET.get("mode", Session.Mode.LIVE))
    except ValueError as error:
        raise NotYours from error


def described_asked(request: HttpRequest) -> Described:
    """Return whether the address asks for sessions by written descriptions; they are left out otherwise.

    Raises:
        NotYours: for an answer that does not exist.
    """
    asked = request.GET.get("described", "exclude")
    if asked not in ("exclude", "only", "include"):
        raise NotYours
    return cast("Described", asked)


@require_safe
@never_cache
@on_study
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    """Show accuracy, sigma, kappa, Figure 2, trials, classes and confusion of one mode."""
    mode, described = mode_asked(request), described_asked(request)
    context = {
        "study": study,
        "mode": mode,
        "described": described,
        "choices": numbers.choices(results.kinds(study, mode), described),
        "tabs": numbers.tabs(results.counts(study), mode),
        "report": numbers.report(study, mode, described),
        "section": "studies",
    }
    return render(request, "results/results.html", context)


@require_safe
@never_cache
@on_study
def long_csv(request: HttpRequest, study: Study) -> HttpResponse:
    """Download one row per answer."""
    mode = mode_asked(request)
    return download(results.long_csv(study, mode), CSV, f"{numbers.stem(study, mode)}-answers-long.csv")


@require_safe
@never_cache
@on_study
def wide_csv(request: HttpRequest, study: Study) -> HttpResponse:
    """Download one row per session."""
    mode = mode_asked(request)
    return download(results.wide_csv(study, mode), CSV, f"{numbers.stem(study, mode)}-answers-wide.csv")


@require_safe
@never_cache
@on_study
def summary_json(request: HttpRequest, study: Study) -> HttpResponse:
    """Download every number."""
    mode, described = mode_asked(request), described_asked(request)
    content = results.summary_json(study, mode, described=described)
    return download(content, "application/json", f"{numbers.stem(study, mode, described)}-summary.json")
