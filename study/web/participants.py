"""The panel's list beside ours: pasted, compared, shown or downloaded, and never stored."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from study.domain import panels, reconciling
from study.models import Study
from study.web import numbers
from study.web.access import on_study
from study.web.downloads import download


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@on_study
def reconcile(request: HttpRequest, study: Study) -> HttpResponse:
    """Ask for the panel's list; a POST says what became of each person. It changes nothing."""
    pasted = request.POST.get("ids", "")
    context = {"study": study, "pasted": pasted, "section": "studies", "query": panels.query(study)}
    if request.method != "POST":
        return render(request, "researcher/participants.html", context)
    try:
        found = reconciling.reconcile(study, pasted)
    except reconciling.ListUnreadable as error:
        return render(request, "researcher/participants.html", context | {"problem": error}, status=422)
    if "download" in request.POST:
        return download(
            reconciling.table(found), "text/csv; charset=utf-8", f"{numbers.stem(study)}-participants.csv"
        )
    return render(request, "researcher/participants.html", context | {"found": found})
