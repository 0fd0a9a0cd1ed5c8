"""Answers to questions and counts of visits, as the researcher gets them."""

from __future__ import annotations

import csv
import json
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from study.domain import asking, privacy, question_results, questions, sessions, studies
from study.domain.question_results import Count, Tally
from study.models import Session, Study
from tests.world import MakeStudy, answer_some, at_first_trial, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(make_study: MakeStudy, alice: User) -> Study:
    """A study with three questions: two live visits through them, one at them, one of a pilot."""
    draft = make_study(status="built")
    choice = {"kind": "choice", "prompt": "Do you play?", "choices": ["Yes", "No"], "required": True}
    scale = {"kind": "scale", "prompt": "How hard?", "steps": 3, "low_label": "easy", "high_label": "very"}
    for configuration in ({"prompt": "Odd?"}, choice, scale):
        questions.add(draft, configuration, by=alice)
    study = studies.publish(draft, by=alice)
    given = [{1: "=1+1", 2: "1", 3: "3"}, {2: "1", 3: "2"}, None, {1: "Pilot.", 2: "0"}]
    modes = [Session.Mode.LIVE] * 3 + [Session.Mode.PILOT]
    for mode, answers in zip(modes, given, strict=True):
        session = at_first_trial(study, mode=mode)
        answer_some(session, 6)
        if answers:
            sessions.finish(asking.answer(session, answers))
    return study


def pks(study: Study) -> list[int]:
    return list(study.sessions.order_by("pk").values_list("pk", flat=True))


def test_the_long_table_has_a_row_per_question_and_session(answered: Study) -> None:
    first, second, *_ = pks(answered)
    rows = list(csv.reader(StringIO(question_results.questions_csv(answered, "live"))))
    assert rows == [
        ["session_id", "session_complete", "question", "kind", "prompt", "required", "skipped", "code",
         "answer"],
        [f"s{first}", "1", "1", "text", "Odd?", "0", "0", "", "'=1+1"],  # no spreadsheet runs it
        [f"s{first}", "1", "2", "choice", "Do you play?", "1", "0", "1", "No"],
        [f"s{first}", "1", "3", "scale", "How hard?", "0", "0", "3", "3"],
        [f"s{second}", "1", "1", "text", "Odd?", "0", "1", "", ""],
        [f"s{second}", "1", "2", "choice", "Do you play?", "1", "0", "1", "No"],
        [f"s{second}", "1", "3", "scale", "How hard?", "0", "0", "2", "2"],
    ]  # fmt: skip


def test_the_json_holds_each_answer_as_it_was_given(answered: Study) -> None:
    first, second, *_ = pks(answered)
    content = json.loads(question_results.questions_json(answered, "live"))
    assert (content["format"], content["mode"]) == ("earsight-questions-1", "live")
    assert (content["visits"]["begun"], content["visits"]["finished"]) == (3, 2)
    assert [question["prompt"] for question in content["questions"]] == ["Odd?", "Do you play?", "How hard?"]
    assert [question["answers"] for question in content["questions"]] == [
        [{"session_id": f"s{first}", "code": None, "answer": "=1+1"}],
        [{"session_id": f"s{pk}", "code": 1, "answer": "No"} for pk in (first, second)],
        [
            {"session_id": f"s{pk}", "code": code, "answer": str(code)}
            for pk, code in ((first, 3), (second, 2))
        ],
    ]


def test_each_question_is_counted(answered: Study) -> None:
    assert question_results.tallies(answered, "live") == [
        Tally(1, "Odd?", "text", 1, 1, (), None, ("=1+1",)),
        Tally(2, "Do you play?", "choice", 2, 0, (Count("Yes", 0, 0.0), Count("No", 2, 1.0)), None, ()),
        Tally(3, "How hard?", "scale", 2, 0,
              (Count("1, easy", 0, 0.0), Count("2", 1, 0.5), Count("3, very", 1, 0.5)), 2.5, ()),
    ]  # fmt: skip


def test_modes_are_never_mixed(answered: Study) -> None:
    pilot = question_results.tallies(answered, "pilot")
    assert [tally.answered for tally in pilot] == [1, 1, 0]
    assert [tally.answered for tally in question_results.tallies(answered, "simulated")] == [0, 0, 0]


def test_deleted_visits_are_counted_and_in_no_other_number(answered: Study) -> None:
    first, _, third, _ = (Session.objects.get(pk=pk) for pk in pks(answered))
    privacy.withdraw(first)
    privacy.withdraw(third)
    nobody = {"begun": 0, "finished": 0, "withdrawn_finished": 0, "withdrawn_unfinished": 0,
              "retention_finished": 0, "retention_unfinished": 0}  # fmt: skip
    assert question_results.visits(answered) == {
        "live": nobody | {"begun": 1, "finished": 1, "withdrawn_finished": 1, "withdrawn_unfinished": 1},
        "pilot": nobody | {"begun": 1, "finished": 1},
        "simulated": nobody,
    }
    table = question_results.visits_csv(answered).splitlines()
    assert table[:4] == ["mode,what,count", "live,begun,1", "live,finished,1", "live,withdrawn_finished,1"]
    assert len(table) == 1 + 3 * 6
    assert [tally.answered for tally in question_results.tallies(answered, "live")] == [0, 1, 1]


def test_the_results_page_tells_all_of_it(answered: Study, alice: User) -> None:
    privacy.withdraw(Session.objects.get(pk=pks(answered)[1]))
    page = signed_in(alice).get(reverse("study_results", args=[answered.pk])).content.decode()
    for said in (
        '<span class="number">1</span> finished, <span class="number">0</span> unfinished',
        "1 answered, 0 skipped. Mean 3.00.",
        '<th scope="row">No</th><td data-sorts="1">1</td><td data-sorts="1.0">100.0 %</td>',
        "<li>=1+1</li>",
    ):
        assert said in page


def test_a_study_without_questions_or_withdrawals_says_nothing_of_them(study: Study, alice: User) -> None:
    page = signed_in(alice).get(reverse("study_results", args=[study.pk])).content.decode()
    assert ("Not in these numbers" in page, "<h2>Questions</h2>" in page) == (False, False)
