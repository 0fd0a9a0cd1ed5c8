"""The list "Options" of a study and the pages behind it.

To add a page: give it a row in ALL. A page whose options are columns of the study needs its form alone; one
with rows of its own has a view elsewhere and only its line in the list here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods

from study.domain import declared
from study.forms import DeclaredForm, OptionsForm, PanelForm, ReturningForm, SoundForm, StepsForm
from study.models import Study
from study.web import conditions, descriptions, gallery_texts, languages, privacy, questions
from study.web.access import Page, on_study, person


@dataclass(frozen=True)
class Option:
    """A line of the list: the name of its address, its title, and what the study says about it now."""

    name: str
    title: str
    says: Callable[[Study], str]
    form: type[OptionsForm] | None = None  # of a page that sets columns alone
    lead: str = ""  # the sentence under the page's heading


@dataclass(frozen=True)
class Line:
    """An option as the study's page lists it."""

    title: str
    says: str
    address: str


def _steps(study: Study) -> str:
    steps = [("practice trial", study.practice), ("rest half way", study.rest_half_way)]
    return ", ".join(name for name, is_on in steps if is_on).capitalize() or "No extra steps"


def _sound(study: Study) -> str:
    times = study.minimum_listens
    listens = f"{times} complete {'listen' if times == 1 else 'listens'} before an answer"
    if study.screening == Study.Screening.OFF:
        return listens
    return f"{listens}, headphone check {study.screening}"


def _returning(study: Study) -> str:
    return f"{study.resume_hours} {'hour' if study.resume_hours == 1 else 'hours'} to come back"


def _panel(study: Study) -> str:
    if not study.participant_parameters:
        return "Everybody with the link"
    kept = "kept" if study.keep_participant_ids else "kept as a keyed hash"
    return f"People with an id ({study.participant_parameters[0]}), {kept}"


ALL: tuple[Option, ...] = (
    Option("study_conditions", "Conditions", conditions.says),
    Option("study_panel", "Panel", _panel, PanelForm, "Who sends people, and what they take back."),
    Option("study_steps", "Steps of the test", _steps, StepsForm, "What comes beside the trials."),
    Option("study_returning", "Coming back", _returning, ReturningForm, "How long a visit can be taken up."),
    Option("study_sound", "Sound", _sound, SoundForm, "What volunteers have to hear, and over what."),
    Option("study_questions", "Questions", questions.says),
    Option("study_descriptions", "Written descriptions", descriptions.says),
    Option("study_languages", "Languages", languages.says),
    Option("study_gallery_texts", "Gallery", gallery_texts.says),
    Option(
        "study_declared",
        "Declared before the data",
        declared.says,
        DeclaredForm,
        "Who is left out, how many volunteers you want, and when you may stop. Declare it before you have "
        "seen results; it is frozen with the study, and the results follow it.",
    ),
    Option("study_privacy", "Privacy", privacy.says),
)


def listed(study: Study) -> list[Line]:
    """Return the list for this study's page."""
    return [Line(one.title, one.says(study), reverse(one.name, args=[study.pk])) for one in ALL]


def pages() -> list[URLPattern]:
    """Return the addresses of the pages that set columns alone: `study_steps` lies at steps/."""
    return [path(f"{one.name.removeprefix('study_')}/", _page(one), name=one.name) for one in ALL if one.form]


def _page(option: Option) -> Page:
    """Return the view of a page of columns; once published it shows them and changes nothing."""
    form_class = option.form
    assert form_class is not None

    @require_http_methods(["GET", "HEAD", "POST"])
    @on_study
    def shown(request: HttpRequest, study: Study) -> HttpResponse:
        form = form_class(request.POST if request.method == "POST" else None, instance=study)
        if request.method == "POST" and form.is_valid() and form.save_by(person(request)):
            messages.success(request, f"“{option.title}” is saved.")
            return redirect("study", study.pk)
        context = {"study": study, "form": form, "option": option, "section": "studies"}
        return render(request, "researcher/options.html", context, status=422 if form.errors else 200)

    return shown
