"""The pages on which researchers put their study's texts into other languages."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from study.domain import texts
from study.errors import NotYours
from study.forms import LanguageForm, TextsForm
from study.models import Study
from study.web.access import on_study, person

NAMES = dict(settings.LANGUAGES)
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Line:
    """A language of the pages and how far the study is in it."""

    code: str
    name: str
    is_own: bool
    missing: int


def says(study: Study) -> str:
    """Return what the list of options says about a study."""
    return ", ".join(NAMES[code] for code in texts.book(study).offered)


@get_or_post
@on_study
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    """List the languages; a POST sets the study's own."""
    form = LanguageForm(request.POST if request.method == "POST" else None, instance=study)
    if request.method == "POST" and form.is_valid() and form.save_by(person(request)):
        messages.success(request, "The study’s own language is saved.")
        return redirect("study_languages", study.pk)
    context = {"study": study, "form": form, "lines": _lines(study), "section": "studies"}
    return render(request, "researcher/languages.html", context, status=422 if form.errors else 200)


@get_or_post
@on_study
def edit(request: HttpRequest, study: Study, language: str) -> HttpResponse:
    """Show the study's texts beside their translation; a POST saves it, half done as it may be.

    Raises:
        NotYours: for a language that the pages do not speak, and for the study's own.
    """
    if language not in NAMES or language == study.language:
        raise NotYours
    form = TextsForm(request.POST if request.method == "POST" else None, study=study, language=language)
    if request.method == "POST" and form.is_valid() and form.save_by(person(request)):
        messages.success(request, _saved(study, language))
        return redirect("study_languages", study.pk)
    context = {"study": study, "form": form, "name": NAMES[language], "section": "studies"}
    return render(request, "researcher/texts.html", context, status=422 if form.errors else 200)


def _lines(study: Study) -> list[Line]:
    book = texts.book(study)
    return [
        Line(code, name, code == study.language, len(book.missing(code))) for code, name in settings.LANGUAGES
    ]


def _saved(study: Study, language: str) -> str:
    missing = len(texts.book(study).missing(language))
    if missing:
        count = "1 text is" if missing == 1 else f"{missing} texts are"
        return f"Saved. {count} still missing in {NAMES[language]}; volunteers do not see it yet."
    return f"Saved. Volunteers can take the study in {NAMES[language]}."


pages = [
    path("languages/", overview, name="study_languages"),
    path("languages/<slug:language>/", edit, name="study_texts"),
]
