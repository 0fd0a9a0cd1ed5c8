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
from study.web.downloads import download
from study.web.results import condition_asked, described_asked, mode_asked, passed_asked

KINDS = {"svg": "image/svg+xml", "pdf": "application/pdf", "png": "image/png"}


@require_safe
@never_cache
@on_study
def figure(request: HttpRequest, study: Study, suffix: str) -> HttpResponse:
    """Draw the chart of one mode; `?download` saves it under the study's name."""
    if suffix not in KINDS:
        raise NotYours
    mode, described, passed = mode_asked(request), described_asked(request), passed_asked(request)
    condition = condition_asked(request, study)
    stem = numbers.stem(study, mode, described, passed=passed, condition=condition)
    return download(
        results.figure(study, mode, suffix=suffix, described=described, passed=passed, condition=condition),
        KINDS[suffix],
        f"{stem}-figure2.{suffix}",
        shown="download" not in request.GET,
    )
