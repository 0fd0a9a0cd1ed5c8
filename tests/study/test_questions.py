"""Questions after the trials: written in a draft, frozen, answered once."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User

from study.domain import asking, questions, sessions, studies
from study.errors import NotYours
from study.models import QuestionAnswer, Session, Study
from tests.world import MakeStudy, answer_all, answer_some, at_first_trial

pytestmark = pytest.mark.django_db

TEXT = {"kind": "text", "prompt": "Anything odd?"}
CHOICE = {"kind": "choice", "prompt": "Do you play?", "choices": ["Yes", "No"], "required": True}
SCALE = {"kind": "scale", "prompt": "How hard was it?", "steps": 7, "low_label": "easy"}


@pytest.fixture
def asking_study(make_study: MakeStudy, alice: User) -> Study:
    """A published study with one question of each kind; the choice must be answered."""
    draft = make_study(status="built")
    for configuration in (TEXT, CHOICE, SCALE):
        questions.add(draft, configuration, by=alice)
    return studies.publish(draft, by=alice)


@pytest.fixture
def at_questions(asking_study: Study) -> Session:
    """A visit whose trials are all answered."""
    session = at_first_trial(asking_study)
    answer_some(session, 6)
    return session


def prompts(study: Study) -> list[tuple[int, str]]:
    return list(study.questions.values_list("place", "prompt"))


def stored(session: Session) -> list[tuple[int, str, int | None]]:
    rows = QuestionAnswer.objects.filter(session=session).order_by("question__place")
    return list(rows.values_list("question__place", "text", "number"))


def test_questions_keep_their_order_through_moves_and_removals(make_study: MakeStudy, bob: User) -> None:
    draft = make_study(status="draft")
    for prompt in "abcd":
        questions.add(draft, {"prompt": prompt}, by=bob)
    questions.move_up(draft, 3, by=bob)
    assert prompts(draft) == [(1, "a"), (2, "c"), (3, "b"), (4, "d")]
    questions.remove(draft, 2, by=bob)
    assert prompts(draft) == [(1, "a"), (2, "b"), (3, "d")]
    questions.move_up(draft, 1, by=bob)
    assert prompts(draft) == [(1, "a"), (2, "b"), (3, "d")]


@pytest.mark.parametrize(
    ("configuration", "sentence"),
    [
        ({"prompt": ""}, "blank"),
        ({"prompt": "a" * 301}, "300"),
        ({"prompt": "a", "kind": "essay"}, "essay"),
        ({"prompt": "a", "kind": "choice"}, "at least 2 choices"),
        ({"prompt": "a", "kind": "choice", "choices": ["one"]}, "at least 2 choices"),
        ({"prompt": "a", "kind": "choice", "choices": ["one", "one"]}, "there twice"),
        ({"prompt": "a", "kind": "choice", "choices": ["one", " "]}, "list of texts"),
        ({"prompt": "a", "kind": "choice", "choices": "abc"}, "list of texts"),
        ({"prompt": "a", "kind": "choice", "choices": [str(n) for n in range(21)]}, "At most 20"),
        ({"prompt": "a", "kind": "scale", "steps": 1}, "greater than or equal to 2"),
        ({"prompt": "a", "kind": "scale", "steps": 12}, "less than or equal to 11"),
        ({"prompt": "a", "place": 7}, "no setting called place"),
    ],
)
def test_a_question_that_does_not_hold_together_is_refused(
    make_study: MakeStudy, alice: User, configuration: dict[str, Any], sentence: str
) -> None:
    draft = make_study(status="draft")
    with pytest.raises(questions.QuestionInvalid, match=sentence):
        questions.add(draft, configuration, by=alice)
    assert prompts(draft) == []


def test_no_more_than_thirty(make_study: MakeStudy, alice: User) -> None:
    draft = make_study(status="draft")
    for number in range(30):
        questions.add(draft, {"prompt": f"Number {number}"}, by=alice)
    with pytest.raises(questions.TooManyQuestions):
        questions.add(draft, TEXT, by=alice)


def test_strangers_and_published_studies_are_refused(
    asking_study: Study, make_study: MakeStudy, alice: User, charlie: User
) -> None:
    draft = make_study(status="draft")
    for study, person, error in ((draft, charlie, NotYours), (asking_study, alice, studies.StudyFrozen)):
        for verb in (
            partial(questions.add, study, TEXT),
            partial(questions.change, study, 1, TEXT),
            partial(questions.move_up, study, 1),
            partial(questions.remove, study, 1),
        ):
            with pytest.raises(error):
                verb(by=person)


def test_questions_are_hashed_and_copied_into_a_new_version(asking_study: Study, alice: User) -> None:
    copy = studies.new_version(asking_study, by=alice)
    assert prompts(copy) == prompts(asking_study)
    before = studies.content_hash(copy)
    questions.change(copy, 1, {"required": True}, by=alice)
    assert studies.content_hash(copy) != before
    assert studies.content_hash(asking_study) == asking_study.content_hash
    for _ in range(3):
        questions.remove(copy, 1, by=alice)
    assert prompts(copy) == []


def test_they_come_after_the_last_trial_and_before_the_score(at_questions: Session) -> None:
    assert sessions.current_step(at_questions).name == "questions"
    with pytest.raises(sessions.StepMissing, match="last questions"):
        sessions.finish(at_questions)
    session = asking.answer(at_questions, {1: "  Nothing.\r\nReally. ", 2: "1", 3: "7"})
    assert sessions.current_step(session).name == "finish"
    assert stored(session) == [(1, "Nothing.\nReally.", None), (2, "", 1), (3, "", 7)]
    assert sessions.finish(session).finished_at


def test_what_is_skipped_leaves_no_row(at_questions: Session) -> None:
    session = asking.answer(at_questions, {1: " ", 2: "0"})
    assert stored(session) == [(2, "", 0)]
    assert session.questions_done_at


def test_answering_again_changes_nothing(at_questions: Session) -> None:
    session = asking.answer(at_questions, {2: "0"})
    asking.answer(session, {1: "Late.", 2: "1"})
    assert stored(session) == [(2, "", 0)]


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({}, {2: "Please answer this question."}),
        ({2: "\x00"}, {2: "Please answer this question."}),
        ({2: "2"}, {2: "Please choose one of the answers."}),
        ({2: "-1"}, {2: "Please choose one of the answers."}),
        ({2: "01"}, {2: "Please choose one of the answers."}),
        ({2: "²", 3: "8"}, {2: "Please choose one of the answers.", 3: "Please choose one of the answers."}),
        ({1: "a" * 2001, 2: "0", 3: "0"},
         {1: "Please write at most 2000 characters.", 3: "Please choose one of the answers."}),
    ],
)  # fmt: skip
def test_an_unclear_answer_stores_none(
    at_questions: Session, given: dict[int, str], problems: dict[int, str]
) -> None:
    with pytest.raises(asking.AnswersUnclear) as raised:
        asking.answer(at_questions, given)
    assert raised.value.problems == problems
    assert stored(at_questions) == []


def test_they_are_asked_and_kept_after_the_study_was_closed(at_questions: Session, alice: User) -> None:
    studies.close(at_questions.study, by=alice)
    session = asking.answer(sessions.find(at_questions.token), {2: "0"})
    assert stored(session) == [(2, "", 0)]
    assert sessions.finish(session).finished_at is not None


def test_they_wait_for_every_trial(asking_study: Study) -> None:
    session = at_first_trial(asking_study)
    answer_some(session, 5)
    with pytest.raises(sessions.AnswersMissing):
        asking.answer(session, {2: "0"})


def test_a_visit_of_a_study_without_questions_has_none(study: Study) -> None:
    assert answer_all(at_first_trial(study)).questions_done_at is None


def test_changing_a_question_drops_what_pilots_answered(make_study: MakeStudy, alice: User) -> None:
    draft = make_study(status="built")
    questions.add(draft, TEXT, by=alice)
    session = at_first_trial(draft, mode=Session.Mode.PILOT)
    answer_some(session, 6)
    asking.answer(session, {1: "Fine."})
    questions.change(draft, 1, SCALE, by=alice)
    assert stored(session) == []
