"""Figure 2 of a study: shown in the page as SVG, downloaded as SVG, PDF or PNG."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from study.domain import results
from study.errors import NotYours
from study.models import Study
from study.web import numbers
from study.web.access import on_study
from study.web.asked import selection_asked
from study.web.downloads import download

KINDS = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}


@require_safe
@never_cache
@on_study
def figure(request: HttpRequest, study: Study, suffix: str) -> HttpResponse:
    """Draw the chart of one mode; `?download` saves it under the study's name."""
    if suffix not in KINDS:
        raise NotYours
    selection = selection_asked(request, study)
    return download(
        results.figure(study, selection, suffix=suffix),
        KINDS[suffix],
        f"{numbers.stem(study, selection)}-figure2.{suffix}",
        shown="download" not in request.GET,
    )
