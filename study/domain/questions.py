"""The questions after the trials: written by the researcher, frozen with the study."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from study.domain.drafts import Part, changeable
from study.errors import Conflict, EarsightError, NotYours
from study.models import Question, Study

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MOST = 30
ASIDE = 10_000  # a place that no question has: where one waits while its neighbour moves


class QuestionInvalid(EarsightError):
    """This question does not hold together."""


class TooManyQuestions(Conflict):
    """A study asks at most 30 questions."""


class NoSuchQuestion(NotYours):
    """There is no such question."""


@transaction.atomic
def add(study: Study, configuration: Mapping[str, Any], *, by: User) -> Question:
    """Put a question at the end of a draft's questions.

    Raises:
        StudyFrozen: once published. TooManyQuestions: beyond 30.
        QuestionInvalid: when a value is out of range, or a name is not a setting of a question.
    """
    study = changeable(study, by=by)
    count = study.questions.count()
    if count >= MOST:
        raise TooManyQuestions
    return _saved(Question(study=study, place=count + 1), configuration)


@transaction.atomic
def change(study: Study, place: int, configuration: Mapping[str, Any], *, by: User) -> Question:
    """Change the question at this place of a draft; what pilots answered to it before is dropped.

    Raises:
        StudyFrozen, QuestionInvalid: as add. NoSuchQuestion: where there is none.
    """
    question = at(changeable(study, by=by), place)
    question.answers.all().delete()
    return _saved(question, configuration)


@transaction.atomic
def remove(study: Study, place: int, *, by: User) -> None:
    """Take the question at this place away; those after it move up.

    Raises:
        StudyFrozen: once published. NoSuchQuestion: where there is none.
    """
    study = changeable(study, by=by)
    at(study, place).delete()
    for after in study.questions.filter(place__gt=place).order_by("place").values_list("pk", flat=True):
        Question.objects.filter(pk=after).update(place=F("place") - 1)


@transaction.atomic
def move_up(study: Study, place: int, *, by: User) -> None:
    """Let the question at this place change places with the one before it; the first stays.

    Raises:
        StudyFrozen: once published. NoSuchQuestion: where there is none.
    """
    study = changeable(study, by=by)
    question = at(study, place)
    if place == 1:
        return
    rows = Question.objects.filter(study=study)
    rows.filter(pk=question.pk).update(place=ASIDE)
    rows.filter(place=place - 1).update(place=place)
    rows.filter(pk=question.pk).update(place=place - 1)


def at(study: Study, place: int) -> Question:
    """Return the question at this place.

    Raises:
        NoSuchQuestion: where there is none.
    """
    question = study.questions.filter(place=place).first()
    if question is None:
        raise NoSuchQuestion
    return question


def _saved(question: Question, configuration: Mapping[str, Any]) -> Question:
    unknown = set(configuration) - set(Question.CONFIGURATION)
    if unknown:
        raise QuestionInvalid(f"A question has no setting called {', '.join(sorted(unknown))}.")
    for name, value in configuration.items():
        setattr(question, name, value)
    try:
        question.full_clean()
    except ValidationError as error:
        raise QuestionInvalid(" ".join(error.messages)) from error
    question.save()
    return question


def _value(study: Study) -> list[dict[str, Any]]:
    return [question.configuration() for question in study.questions.all()]


def _copy(study: Study, to: Study) -> None:
    Question.objects.bulk_create(
        Question(study=to, place=question.place, **question.configuration())
        for question in study.questions.all()
    )


PART = Part("questions", _value, _copy)
