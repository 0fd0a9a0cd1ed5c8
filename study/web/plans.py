"""A study's plan and what it was made from, so that a reviewer can derive the one from the other again."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from study.domain import verification
from study.models import Study
from study.web import numbers
from study.web.access import on_study
from study.web.downloads import download


@require_safe
@never_cache
@on_study
def plan(request: HttpRequest, study: Study) -> HttpResponse:
    """Download the plan that the study's stimuli follow."""
    return download(verification.plan_json(study), "application/json", plan_name(study))


@require_safe
@never_cache
@on_study
def latents(request: HttpRequest, study: Study) -> FileResponse:
    """Download the latents that the plan was made from."""
    file = verification.latents(study)
    return FileResponse(
        file, as_attachment=True, filename=latents_name(study), content_type="application/octet-stream"
    )


def plan_name(study: Study) -> str:
    """Return what the downloaded plan is called."""
    return f"{numbers.stem(study)}-plan.json"


def latents_name(study: Study) -> str:
    """Return what the downloaded latents are called."""
    return f"{numbers.stem(study)}-latents.npz"
