"""The page on which a study's package is made, and its download."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from study import tasks
from study.domain import exports, results
from study.errors import Conflict
from study.models import Export, Study
from study.web import numbers
from study.web.access import on_study, person


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@on_study
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    """GET shows the packages that lie here and how far the present one is; POST asks for one."""
    if request.method == "POST":
        return _asked(request, study)
    context = {
        "study": study,
        "export": study.exports.first(),
        "done": study.exports.filter(status=Export.Status.DONE),
        "tabs": numbers.tabs(results.counts(study), request.GET.get("mode", "live")),
        "section": "studies",
    }
    return render(request, "results/package.html", context)


@require_safe
@never_cache
@on_study
def progress(request: HttpRequest, study: Study) -> HttpResponse:
    """Show how far the present package is; the page fetches this every second."""
    latest = study.exports.first()
    response = render(request, "results/package_progress.html", {"study": study, "export": latest})
    if latest is None or not latest.is_active:
        trigger_client_event(response, "build-ended", after="settle")
    return response


@require_POST
@on_study
def cancel(request: HttpRequest, study: Study) -> HttpResponse:
    """Stop the package that waits or is being made."""
    try:
        exports.cancel(study, by=person(request))
        messages.success(request, "No package is made.")
    except Conflict as error:
        messages.error(request, str(error))
    return redirect("study_package", study.pk)


@require_safe
@never_cache
@on_study
def download(request: HttpRequest, study: Study, export_pk: int) -> FileResponse:
    """Send a package that is made, piece by piece."""
    export, file = exports.opened(study, export_pk)
    name = exports.file_name(study, export.mode)
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


def _asked(request: HttpRequest, study: Study) -> HttpResponse:
    mode = request.POST.get("mode", "live")
    try:
        made = exports.request(study, by=person(request), mode=mode, with_media="media" in request.POST)
        transaction.on_commit(lambda: tasks.enqueue_export(made.pk))
    except Conflict as error:
        messages.error(request, str(error))
    return redirect(f"{reverse('study_package', args=[study.pk])}?mode={mode}")


pages = [
    path("results/package/", overview, name="study_package"),
    path("results/package/progress/", progress, name="study_package_progress"),
    path("results/package/cancel/", cancel, name="study_package_cancel"),
    path("results/package/<int:export_pk>/", download, name="study_package_download"),
]
