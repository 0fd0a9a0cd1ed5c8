"""The results page and its downloads; sessions of one mode at a time."""

from __future__ import annotations

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


@require_safe
@never_cache
@on_study
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    """Show accuracy, sigma, kappa, Figure 2, trials, classes and confusion of one mode."""
    mode = mode_asked(request)
    context = {
        "study": study,
        "mode": mode,
        "tabs": numbers.tabs(results.counts(study), mode),
        "report": numbers.report(study, mode),
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
    mode = mode_asked(request)
    content = results.summary_json(study, mode)
    return download(content, "application/json", f"{numbers.stem(study, mode)}-summary.json")
