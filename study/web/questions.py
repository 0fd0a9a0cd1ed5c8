"""The page of a study's questions, and their forms."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from study.domain import questions
from study.domain.drafts import StudyFrozen
from study.forms.questions import QuestionForm
from study.models import Question, Study
from study.web.access import Page, on_study, person

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def says(study: Study) -> str:
    """Return what the list of options says about the questions."""
    count = study.questions.count()
    if not count:
        return "None after the trials"
    return f"{count} {'question' if count == 1 else 'questions'} after the trials"


@require_safe
@on_study
def listing(request: HttpRequest, study: Study) -> HttpResponse:
    """List the questions in their order."""
    context = {"study": study, "questions": study.questions.all(), "section": "studies"}
    return render(request, "researcher/questions.html", context)


@get_or_post
@on_study
def add(request: HttpRequest, study: Study) -> HttpResponse:
    """Add a question."""
    return _form(request, study, Question(study=study))


@get_or_post
@on_study
def edit(request: HttpRequest, study: Study, place: int) -> HttpResponse:
    """Change a question."""
    return _form(request, study, questions.at(study, place))


def _form(request: HttpRequest, study: Study, question: Question) -> HttpResponse:
    if not study.is_draft:
        raise StudyFrozen
    form = QuestionForm(request.POST if request.method == "POST" else None, instance=question)
    if request.method == "POST" and form.is_valid() and form.save_by(person(request)):
        messages.success(request, "The question is saved.")
        return redirect("study_questions", study.pk)
    context = {"study": study, "form": form, "place": question.place, "section": "studies"}
    return render(request, "researcher/question.html", context, status=422 if form.errors else 200)


def _button(verb: Callable[..., None], said: str) -> Page:
    """Return the view of a button beside a question."""

    @require_POST
    @on_study
    def pressed(request: HttpRequest, study: Study, place: int) -> HttpResponse:
        try:
            verb(study, place, by=person(request))
        except StudyFrozen as error:
            messages.error(request, str(error))
        else:
            messages.success(request, said)
        return redirect("study_questions", study.pk)

    return pressed


pages = [
    path("questions/", listing, name="study_questions"),
    path("questions/new/", add, name="study_question_new"),
    path("questions/<int:place>/", edit, name="study_question_edit"),
    path("questions/<int:place>/up/", _button(questions.move_up, "The question has moved up."),
         name="study_question_up"),
    path("questions/<int:place>/remove/", _button(questions.remove, "The question is removed."),
         name="study_question_remove"),
]  # fmt: skip
