"""The page of questions after the trials."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from study.domain import asking, texts
from study.models import Question
from study.web.visits import Visit, at_step, page_of, show_page


@dataclass(frozen=True)
class Answer:
    """One answer to choose: what is sent, what is read, and what a screen reader adds to it."""

    value: str
    text: str
    aside: str
    is_chosen: bool


@dataclass(frozen=True)
class Asked:
    """A question as the page shows it, with what was given before."""

    name: str
    kind: str
    prompt: str
    hint: str
    required: bool
    given: str
    problem: str
    answers: tuple[Answer, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@at_step("questions")
def questions(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask; a POST answers all of them, and those that are skipped stay open for good."""
    if request.method != "POST":
        return _page(request, visit, {}, {})
    rows = visit.study.questions.all()
    given = {row.place: request.POST.get(_name(row), "") for row in rows}
    try:
        session = asking.answer(visit.session, given)
    except asking.AnswersUnclear as error:
        return _page(request, visit, given, error.problems)
    return redirect(page_of(session))


def _page(
    request: HttpRequest, visit: Visit, given: dict[int, str], problems: dict[int, str]
) -> HttpResponse:
    said = texts.read_by(visit.session)
    asked = [
        _asked(row, said, given.get(row.place, ""), problems.get(row.place, ""))
        for row in visit.study.questions.all()
    ]
    status = 422 if problems else 200
    return show_page(request, visit, "questions", status=status, asked=asked, has_problem=bool(problems))


def _name(question: Question) -> str:
    return f"question-{question.place}"


def _asked(question: Question, said: texts.Said, given: str, problem: str) -> Asked:
    return Asked(
        name=_name(question),
        kind=question.kind,
        prompt=said.words(question.prompt),
        hint=said.words(question.hint) if question.hint else "",
        required=question.required,
        given=given,
        problem=problem,
        answers=tuple(_answers(question, said, given)),
    )


def _answers(question: Question, said: texts.Said, given: str) -> list[Answer]:
    if question.kind == Question.Kind.CHOICE:
        return [
            Answer(str(number), said.words(text), "", given == str(number))
            for number, text in enumerate(question.choices)
        ]
    if question.kind != Question.Kind.SCALE:
        return []
    ends = {1: question.low_label, question.steps: question.high_label}
    return [
        Answer(str(number), str(number), said.words(ends.get(number, "")), given == str(number))
        for number in range(1, question.steps + 1)
    ]
