"""What a volunteer answers to the questions after the trials: once a visit, all answers or none."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext

from study.domain import sessions
from study.errors import EarsightError
from study.models import Question, QuestionAnswer, Session
from study.models.questions import LONGEST_TEXT


class AnswersUnclear(EarsightError):
    """Some questions still need an answer."""

    status = 422

    def __init__(self, problems: Mapping[int, str]) -> None:
        super().__init__()
        self.problems = dict(problems)  # a sentence by the question's place


@sessions.until_finished
@transaction.atomic
def answer(session: Session, given: Mapping[int, str]) -> Session:
    """Store a visit's answers, by the place of the question, and go on; all of them, or none.

    A choice is given by its number from 0, a scale by its number from 1; nothing or blank skips a question.
    Answering a second time changes nothing.

    Raises:
        ConsentMissing: before consent. AnswersMissing: before the last trial is answered, or StudyClosed.
        AnswersUnclear: where a question that must be answered is not, or something else was asked for.
    """
    sessions.refuse_without_consent(session)
    sessions.refuse_unanswered(session)
    asked = list(session.study.questions.all())
    read = {question: _read(question, _cleaned(given.get(question.place, ""))) for question in asked}
    problems = {question.place: said for question, said in read.items() if isinstance(said, str)}
    if problems:
        raise AnswersUnclear(problems)
    sessions.hold(session)
    session.refresh_from_db()
    if session.questions_done_at is not None:
        return session
    answers = [said for said in read.values() if isinstance(said, QuestionAnswer)]
    for row in answers:
        row.session = session
    QuestionAnswer.objects.bulk_create(answers)
    return sessions.mark(session, "questions_done_at")


def _cleaned(given: str) -> str:
    return given.replace("\x00", "").replace("\r\n", "\n").strip()


def _read(question: Question, given: str) -> QuestionAnswer | str | None:
    """Return the answer, the sentence of what is wrong with it, or None where the question is skipped."""
    if not given:
        return gettext("Please answer this question.") if question.required else None
    if question.kind == Question.Kind.TEXT:
        if len(given) > LONGEST_TEXT:
            return gettext("Please write at most %(count)s characters.") % {"count": LONGEST_TEXT}
        return QuestionAnswer(question=question, text=given)
    return _chosen(question, given)


def _chosen(question: Question, given: str) -> QuestionAnswer | str:
    is_choice = question.kind == Question.Kind.CHOICE
    numbers = range(len(question.choices)) if is_choice else range(1, question.steps + 1)
    if given not in {str(number) for number in numbers}:
        return gettext("Please choose one of the answers.")
    return QuestionAnswer(question=question, number=int(given))
