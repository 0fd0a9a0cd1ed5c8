"""The researcher's pages of questions, and the volunteer's."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from study.domain import questions, studies, texts
from study.models import QuestionAnswer, Session, Study
from tests.world import MakeStudy, answer_some, at_first_trial, signed_in

pytestmark = pytest.mark.django_db


def configurations(study: Study) -> list[dict[str, Any]]:
    return [question.configuration() for question in study.questions.all()]


BLANK = {"hint": "", "required": False, "choices": [], "steps": 5, "low_label": "", "high_label": ""}


def test_a_question_is_added_changed_moved_and_removed(make_study: MakeStudy, bob: User) -> None:
    draft = make_study(status="draft")
    client = signed_in(bob)
    base = f"/studies/{draft.pk}/questions/"
    client.post(f"{base}new/", {"prompt": "Anything odd?", "kind": "text", "steps": ""})
    client.post(
        f"{base}new/",
        {"prompt": "Do you play?", "kind": "choice", "choice_lines": "Yes\n\n No \n", "required": "on"},
    )
    client.post(f"{base}1/", {"prompt": "How hard?", "kind": "scale", "steps": "7", "low_label": "easy"})
    client.post(f"{base}2/up/")
    assert configurations(draft) == [
        {**BLANK, "kind": "choice", "prompt": "Do you play?", "choices": ["Yes", "No"], "required": True},
        {**BLANK, "kind": "scale", "prompt": "How hard?", "steps": 7, "low_label": "easy"},
    ]
    page = client.get(base).content.decode()
    assert page.index("1. Do you play?") < page.index("2. How hard?")
    assert "Yes, No" in page
    client.post(f"{base}1/remove/")
    assert [row["prompt"] for row in configurations(draft)] == ["How hard?"]


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"prompt": "", "kind": "text"}, "Write the question."),
        ({"prompt": "a" * 301, "kind": "text"}, "at most 300 characters, not 301"),
        ({"prompt": "a"}, "Choose one of the three ways."),
        ({"prompt": "a", "kind": "essay"}, "Choose one of the three ways."),
        ({"prompt": "a", "kind": "choice", "choice_lines": "one"}, "Offer at least two choices"),
        ({"prompt": "a", "kind": "choice", "choice_lines": "one\none"}, "“one” is there twice."),
        ({"prompt": "a", "kind": "choice", "choice_lines": "b\n" + "c" * 121}, "At most 20 choices"),
        ({"prompt": "a", "kind": "scale", "steps": ""}, "Give a whole number from 2 to 11."),
        ({"prompt": "a", "kind": "scale", "steps": "12"}, "Give a whole number from 2 to 11."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    make_study: MakeStudy, alice: User, form: dict[str, str], sentence: str
) -> None:
    draft = make_study(status="draft")
    answer = signed_in(alice).post(f"/studies/{draft.pk}/questions/new/", form)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert configurations(draft) == []


def test_a_published_study_shows_its_questions_without_buttons(
    make_study: MakeStudy, alice: User, client: Client
) -> None:
    draft = make_study(status="built")
    questions.add(draft, {"prompt": "Anything odd?"}, by=alice)
    published = studies.publish(draft, by=alice)
    client.force_login(alice)
    page = client.get(reverse("study_questions", args=[published.pk])).content.decode()
    assert ("published and frozen" in page, "Remove" in page) == (True, False)
    assert client.post(reverse("study_question_remove", args=[published.pk, 1])).status_code == 302
    assert len(configurations(published)) == 1


@pytest.fixture
def asked(make_study: MakeStudy, alice: User, client: Client) -> Session:
    """A visit of this browser that stands at two questions, the second of which must be answered."""
    draft = make_study(status="built")
    questions.add(draft, {"prompt": "Anything <odd>?", "hint": "A word or two"}, by=alice)
    choice = {"prompt": "Do you play?", "kind": "choice", "choices": ["Yes", "No"], "required": True}
    questions.add(draft, choice, by=alice)
    session = at_first_trial(studies.publish(draft, by=alice))
    answer_some(session, 6)
    client.cookies[f"earsight-{session.study.code}"] = session.token
    return session


def test_the_page_keeps_what_was_given_and_says_what_is_missing(asked: Session, client: Client) -> None:
    address = f"/s/{asked.study.code}/questions/"
    page = client.get(address).content.decode()
    assert "Anything &lt;odd&gt;?" in page
    answer = client.post(address, {"question-1": "A <b>squeak</b>"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error:" in page
    assert '<a href="#question-2-0">Do you play? – Please answer this question.</a>' in page
    assert "A &lt;b&gt;squeak&lt;/b&gt;</textarea>" in page
    assert not QuestionAnswer.objects.exists()


def test_every_address_leads_to_the_questions_then_on_to_the_end(asked: Session, client: Client) -> None:
    base = f"/s/{asked.study.code}/"
    for page in ("finish/", "thanks/", "trials/6/"):
        assert client.get(base + page)["Location"] == base + "questions/"
    assert client.post(base + "finish/")["Location"] == base + "questions/"
    assert client.post(base + "questions/", {"question-2": "1"})["Location"] == base + "finish/"
    assert client.post(base + "questions/", {"question-2": "0"})["Location"] == base + "finish/"
    assert list(QuestionAnswer.objects.values_list("question__place", "number")) == [(2, 1)]
    client.post(base + "finish/")
    assert client.get(base + "questions/")["Location"] == base + "thanks/"


def test_questions_are_asked_in_the_visits_language(
    make_study: MakeStudy, alice: User, client: Client
) -> None:
    draft = make_study(status="built")
    choice = {"prompt": "Do you play?", "kind": "choice", "choices": ["Yes", "No"]}
    questions.add(draft, choice, by=alice)
    german = {
        "Digits": "Ziffern",
        "I agree.": "Ja.",
        "Do you play?": "Spielst du?",
        "Yes": "Ja",
        "No": "Nein",
    }
    named = {source.name: german.get(source.text, source.text) for source in texts.sources(draft)}
    texts.translate(draft, "de", named, by=alice)
    session = at_first_trial(studies.publish(draft, by=alice))
    Session.objects.filter(pk=session.pk).update(language="de")
    answer_some(session, 6)
    client.cookies[f"earsight-{session.study.code}"] = session.token
    page = client.get(f"/s/{session.study.code}/questions/").content.decode()
    assert "Spielst du?" in page
    assert "<span>Nein</span>" in page
