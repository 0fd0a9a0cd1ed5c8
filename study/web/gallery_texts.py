"""The pages on which researchers say what hangs in their galleries."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from study.domain import galleries, gallery_texts, media, shown
from study.forms import ExhibitForm, GalleryForm
from study.models import Study
from study.web.access import on_study, person


def says(study: Study) -> str:
    """Return what the list of options says about a study."""
    if not study.gallery:
        return "Not open"
    if study.is_draft:
        return "Opens when the study is published"
    return (
        "All pictures" if study.status == Study.Status.CLOSED else "The examples, until the study is closed"
    )


@require_http_methods(["GET", "HEAD", "POST"])
@on_study
def edit(request: HttpRequest, study: Study) -> HttpResponse:
    """Open the gallery of a draft, and write the texts of its pictures at any time."""
    form = GalleryForm(request.POST if request.method == "POST" else None, study=study)
    if request.method == "POST" and form.is_valid() and form.save_by(person(request)):
        messages.success(request, "The gallery is saved.")
        return redirect("study_gallery_texts", study.pk)
    address = reverse("study_gallery", args=[study.code])
    context = {
        "study": study,
        "form": form,
        "texts": [(field, media.stimulus_picture_address(row)) for field, row in form.texts()],
        "gallery_url": request.build_absolute_uri(address),
        "section": "studies",
    }
    return render(request, "researcher/gallery.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_exhibit(request: HttpRequest, code: str) -> HttpResponse:
    """Write the texts of an exhibit's pictures; its owner alone may."""
    exhibit = galleries.exhibit(code)
    gallery_texts.may_write(exhibit, person(request))
    form = ExhibitForm(request.POST if request.method == "POST" else None, exhibit=exhibit)
    if request.method == "POST" and form.is_valid():
        form.save_by(person(request))
        messages.success(request, "The texts are saved.")
        return redirect("exhibit_texts", exhibit.code)
    context = {
        "exhibit": exhibit,
        "form": form,
        "texts": [(field, shown.exhibit_addresses(row)[0]) for field, row in form.texts()],
    }
    return render(request, "researcher/exhibit.html", context, status=422 if form.errors else 200)
