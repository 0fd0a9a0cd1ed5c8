"""The page of a study's figures: each shown as SVG with what it shows in words, and downloaded."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from study.domain import charts, results
from study.errors import NotYours
from study.models import Study
from study.web import numbers
from study.web.access import on_study
from study.web.asked import query, selection_asked
from study.web.downloads import download

KINDS = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}


@require_safe
@never_cache
@on_study
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    """Show every figure that the study has enough for."""
    selection = selection_asked(request, study)
    try:
        found, missing = charts.charts(study, selection), ""
    except (results.NoAnswers, results.ConditionMissing) as error:
        found, missing = {}, str(error)
    context = {
        "study": study,
        "charts": found,
        "missing": missing,
        "query": query(selection),
        "section": "studies",
    }
    return render(request, "results/figures.html", context)


@require_safe
@never_cache
@on_study
def figure(request: HttpRequest, study: Study, name: str, suffix: str) -> HttpResponse:
    """Draw one figure; `?download` saves it under the study's name."""
    if suffix not in KINDS:
        raise NotYours
    selection = selection_asked(request, study)
    drawn = charts.chart(study, selection, name)
    return download(
        drawn.render(suffix),
        KINDS[suffix],
        f"{numbers.stem(study, selection)}-{name}.{suffix}",
        shown="download" not in request.GET,
    )


pages = [
    path("results/figures/", overview, name="study_figures"),
    path("results/figures/<slug:name>.<slug:suffix>", figure, name="study_chart"),
]
