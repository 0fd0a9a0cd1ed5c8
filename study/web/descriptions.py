"""The page on which researchers put the pictures of a study into words."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from study.domain import descriptions, media
from study.forms import DescriptionsForm
from study.models import Study
from study.web.access import on_study, person


def says(study: Study) -> str:
    """Return what the list of options says about a study."""
    if not study.stimuli_ready:
        return "After the build"
    counted = descriptions.progress(study)
    offered = "Offered" if study.described_options else "Not offered"
    return f"{offered}, {counted.written} of {counted.total} pictures described"


@require_http_methods(["GET", "HEAD", "POST"])
@on_study
def edit(request: HttpRequest, study: Study) -> HttpResponse:
    """Show and change the descriptions of all pictures; once published they are shown alone.

    Raises:
        NothingToDescribe: before the first build.
    """
    if study.stimuli is None:
        raise descriptions.NothingToDescribe
    form = DescriptionsForm(request.POST if request.method == "POST" else None, study=study)
    if request.method == "POST" and form.is_valid() and (counted := form.save_by(person(request))):
        messages.success(request, f"Saved. {counted.written} of {counted.total} pictures are described.")
        return redirect("study_descriptions", study.pk)
    return render(
        request, "researcher/descriptions.html", _context(study, form), status=422 if form.errors else 200
    )


def _context(study: Study, form: DescriptionsForm) -> dict[str, object]:
    assert study.stimuli is not None
    return {
        "study": study,
        "form": form,
        "groups": [
            (name, [(field, media.stimulus_picture_address(row)) for field, row in fields])
            for name, fields in form.groups()
        ],
        "counted": descriptions.progress(study),
        "class_names": study.stimuli.class_names,
        "section": "studies",
    }
