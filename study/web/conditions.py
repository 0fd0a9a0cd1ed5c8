"""The page of a study's conditions: which there are, how full they are, and their forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from study.domain import assignment, conditions
from study.domain.drafts import StudyFrozen
from study.errors import EarsightError, NotYours
from study.forms import ConditionForm, readable
from study.models import Condition, Session, Study
from study.web.access import Page, on_study, person

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Row:
    """A condition with what the page says about it."""

    condition: Condition
    says: tuple[str, ...]
    finished: int
    under_way: int
    has_music: bool


def says(study: Study) -> str:
    """Return what the list of options says about the conditions."""
    names = [condition.name for condition in study.conditions.all()]
    return ", ".join(names) or "One for all volunteers"


@require_safe
@never_cache
@on_study
def listing(request: HttpRequest, study: Study) -> HttpResponse:
    """List the conditions with their places."""
    context = {"study": study, "rows": rows(study), "section": "studies"}
    return render(request, "researcher/conditions.html", context)


def rows(study: Study) -> list[Row]:
    """Return the conditions as the page shows them."""
    silent = {condition.pk for condition in conditions.without_music(study)}
    held = assignment.places_held(study, Session.Mode.LIVE)
    finished = assignment.places_finished(study, Session.Mode.LIVE)
    return [
        Row(
            condition=row,
            says=_says(row, study),
            finished=finished[row.pk],
            under_way=held[row.pk] - finished[row.pk],
            has_music=row.pk not in silent,
        )
        for row in study.conditions.all()
    ]


def _says(condition: Condition, study: Study) -> tuple[str, ...]:
    told = [readable(condition.translator or study.model), condition.get_music_display()]
    if condition.minimum_listens is not None:
        told.append(f"{condition.minimum_listens} complete listens before an answer")
    return tuple(told)


@get_or_post
@on_study
def add(request: HttpRequest, study: Study) -> HttpResponse:
    """Add a condition."""
    return _form(request, study, Condition(study=study))


@get_or_post
@on_study
def edit(request: HttpRequest, study: Study, condition_pk: int) -> HttpResponse:
    """Change a condition."""
    return _form(request, study, conditions.one_of(study, condition_pk))


def _form(request: HttpRequest, study: Study, condition: Condition) -> HttpResponse:
    if not study.is_draft:
        raise StudyFrozen
    form = ConditionForm(request.POST if request.method == "POST" else None, instance=condition)
    name = condition.name
    if request.method == "POST" and form.is_valid() and (saved := form.save_by(person(request))):
        messages.success(request, f"“{saved.name}” is saved.")
        return redirect("study_conditions", study.pk)
    context = {"study": study, "form": form, "name": name, "section": "studies"}
    return render(request, "researcher/condition.html", context, status=422 if form.errors else 200)


def _button(verb: Callable[[HttpRequest, Condition], None]) -> Page:
    """Return the view of a button beside a condition: it says what happened, or why not, on the same page."""

    @require_POST
    @on_study
    def pressed(request: HttpRequest, study: Study, condition_pk: int) -> HttpResponse:
        condition = conditions.one_of(study, condition_pk)
        try:
            verb(request, condition)
        except NotYours:
            raise
        except EarsightError as error:
            messages.error(request, str(error))
        return redirect("study_conditions", study.pk)

    return pressed


@_button
def remove(request: HttpRequest, condition: Condition) -> None:
    """Take a condition off a draft."""
    name = condition.name
    conditions.remove(condition, by=person(request))
    messages.success(request, f"“{name}” is removed.")


@_button
def switch(request: HttpRequest, condition: Condition) -> None:
    """Let new volunteers into a condition, or no more."""
    on = request.POST.get("on") == "yes"
    conditions.switch(condition, on=on, by=person(request))
    messages.success(request, f"“{condition.name}” is switched {'on' if on else 'off'}.")


pages = [
    path("conditions/", listing, name="study_conditions"),
    path("conditions/new/", add, name="study_condition_new"),
    path("conditions/<int:condition_pk>/", edit, name="study_condition_edit"),
    path("conditions/<int:condition_pk>/remove/", remove, name="study_condition_remove"),
    path("conditions/<int:condition_pk>/switch/", switch, name="study_condition_switch"),
]
