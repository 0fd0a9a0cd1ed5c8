"""The form of a study: what it makes, what it refuses and how it says so."""

import re

import pytest
from django.contrib.auth.models import User

from study.models import Study
from tests.world import MakeStudy, signed_in

pytestmark = pytest.mark.django_db


def valid(**changes: object) -> dict[str, object]:
    """A filled-in study form."""
    return {
        "title": "Seven days",
        "model": "mnist",
        "data": "mnist",
        "class_choice": "automatic",
        "class_count": 3,
        "class_rule": "perimeter",
        "examples_per_class": 4,
        "trial_count": 20,
        "seed": 7,
    } | changes


def test_a_form_makes_a_draft(alice: User) -> None:
    response = signed_in(alice).post("/studies/new/", valid())
    study = Study.objects.get()
    assert response["Location"] == f"/studies/{study.pk}/"
    assert (study.title, study.owner, study.status, study.chosen_classes) == (
        "Seven days",
        alice,
        "draft",
        [],
    )


def test_named_classes_set_their_number(alice: User) -> None:
    signed_in(alice).post(
        "/studies/new/", valid(class_choice="chosen", class_names="0\n 4 \n\n8\n9", class_count=3)
    )
    study = Study.objects.get()
    assert (study.chosen_classes, study.class_count) == (["0", "4", "8", "9"], 4)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": ""}, "Title: Give the study a title; volunteers see it."),
        ({"title": 121 * "a"}, "Title: A title has at most 120 characters; this one has 121."),
        (
            {"organiser": 301 * "a"},
            "Who runs this study: Who runs this study takes at most 300 characters, not 301.",
        ),
        ({"contact": 201 * "a"}, "Contact: A contact has at most 200 characters; this one has 201."),
        ({"trial_count": 0}, "Number of trials: Give a whole number from 1 to 60."),
        ({"trial_count": 61}, "Number of trials: Give a whole number from 1 to 60."),
        ({"trial_count": "many"}, "Number of trials: Give a whole number from 1 to 60."),
        ({"trial_count": ""}, "Number of trials: Give a whole number from 1 to 60."),
        ({"class_count": 9}, "Number of classes: Give a whole number from 2 to 6."),
        ({"examples_per_class": -3}, "Examples of each class: Give a whole number from 1 to 12."),
        ({"seed": -1}, "Seed: Give a whole number from 0 to 9007199254740992."),
        ({"class_choice": ""}, "Which classes do volunteers tell apart?: Say how the classes are found."),
        ({"class_rule": "dearest"}, "How classes are chosen: Choose one of the two rules."),
        (
            {"class_choice": "chosen"},
            "Names of the classes: Name 2 to 6 classes, one a line; you named none.",
        ),
        (
            {"class_choice": "chosen", "class_names": "0", "class_count": "hidden"},
            "Names of the classes: Name 2 to 6 classes, one a line; you named 1.",
        ),
        (
            {"class_choice": "chosen", "class_names": "a\nb\nc\nd\ne\nf\ng"},
            "Names of the classes: Name 2 to 6 classes, one a line; you named 7.",
        ),
        (
            {"class_choice": "chosen", "class_names": "0\n0"},
            "Names of the classes: “0” is named twice; name each class once.",
        ),
        (
            {"data": "folder:../../etc"},
            "Pictures: “folder:../../etc” is not on this server; choose one of the list.",
        ),
        ({"model": "nothing"}, "Translator: “nothing” is not on this server; choose one of the list."),
    ],
)
def test_a_wrong_value_is_the_one_sentence_in_the_summary(
    alice: User, change: dict[str, object], sentence: str
) -> None:
    response = signed_in(alice).post("/studies/new/", valid(**change))
    assert response.status_code == 422
    summary = re.search(r'role="alert">.*?<ul>(.*?)</ul>', response.content.decode(), re.DOTALL)
    assert summary is not None
    assert re.sub(r"<[^>]+>", "", summary[1]).strip() == sentence
    assert Study.objects.count() == 0


def test_errors_are_listed_in_the_order_of_the_page_and_lead_to_their_fields(alice: User) -> None:
    wrong = valid(title="", seed="", class_choice="", class_count=1, trial_count=0, data="nothing")
    page = signed_in(alice).post("/studies/new/", wrong).content.decode()
    targets = re.findall(r'<li><a href="#([^"]+)">', page)
    assert targets == [
        f"id_{name}" for name in ("title", "data", "class_choice", "class_count", "trial_count", "seed")
    ]
    places = [page.index(f'id="{target}"') for target in targets]
    assert places == sorted(places)


def test_named_classes_are_counted_whatever_the_hidden_number_says(alice: User) -> None:
    signed_in(alice).post("/studies/new/", valid(class_choice="chosen", class_names="0\n4", class_count=""))
    assert Study.objects.get().class_count == 2


def test_a_draft_changes_and_a_published_study_does_not(make_study: MakeStudy, alice: User) -> None:
    draft, published = make_study("draft"), make_study()
    client = signed_in(alice)
    client.post(f"/studies/{draft.pk}/edit/", valid(title="New name"))
    assert client.post(f"/studies/{published.pk}/edit/", valid(title="New name")).status_code == 409
    assert [study.title for study in Study.objects.order_by("pk")] == ["New name", "Digits"]
