"""Before the data: how many volunteers a study needs, and its preregistration."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from study.domain import preregistration
from study.errors import NotYours
from study.forms import PowerForm
from study.forms.power import USUAL
from study.models import Study
from study.web import numbers
from study.web.access import on_study
from study.web.downloads import download


@require_safe
@never_cache
@on_study
def volunteers(request: HttpRequest, study: Study) -> HttpResponse:
    """Simulate how many volunteers the study needs: the form is filled from the study, and answers a GET."""
    form = PowerForm(request.GET if "accuracy" in request.GET else None, study=study)
    context = {"study": study, "form": form, "section": "studies"}
    if form.is_valid():
        from analysis.power import power_figure
        from analysis.power.words import assumptions, smallest

        planned = form.plan()
        if planned is not None:
            context |= {
                "plan": planned,
                "assumptions": assumptions(planned),
                "smallest": smallest(planned),
                "alt": power_figure(planned).alt_text,
                "query": request.GET.urlencode(),
            }
    return render(request, "researcher/planning.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@on_study
def chart(request: HttpRequest, study: Study) -> HttpResponse:
    """Draw the curve of the page with the same address."""
    from analysis.power import power_figure

    form = PowerForm(request.GET or USUAL, study=study)
    planned = form.plan() if form.is_valid() else None
    if planned is None:
        raise NotYours
    content = power_figure(planned).render("svg")
    return download(content, "image/svg+xml", f"{numbers.stem(study)}-power.svg", shown=True)


@require_safe
@never_cache
@on_study
def preregister(request: HttpRequest, study: Study) -> HttpResponse:
    """Show the preregistration to be copied; `?download` saves it."""
    text = preregistration.text(study)
    if "download" in request.GET:
        return download(text, "text/markdown; charset=utf-8", f"{numbers.stem(study)}-preregistration.md")
    context = {"study": study, "text": text, "section": "studies"}
    return render(request, "researcher/preregistration.html", context)


pages = [
    path("planning/", volunteers, name="study_planning"),
    path("planning/power.svg", chart, name="study_planning_chart"),
    path("preregistration/", preregister, name="study_preregistration"),
]
