"""The researcher's page of conditions: made, changed, switched off, shown with their places."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from study.domain import conditions, studies
from study.models import Study
from tests.world import MakeStudy, answer_all, at_first_trial, give_stimuli

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(make_study: MakeStudy, alice: User, client: Client) -> Study:
    """A draft of Alice's, who is signed in."""
    client.force_login(alice)
    return make_study(status="draft")


def test_a_condition_is_added_changed_and_removed(draft: Study, client: Client) -> None:
    at_page = reverse("study_conditions", args=[draft.pk])
    new = reverse("study_condition_new", args=[draft.pk])
    assert "One condition for everybody" in client.get(at_page).content.decode()
    filled = {"name": "Music", "music": "own", "quota": "30", "minimum_listens": "", "translator": ""}
    assert client.post(new, filled)["Location"] == at_page
    made = draft.conditions.get()
    edit = reverse("study_condition_edit", args=[draft.pk, made.pk])
    assert 'value="30"' in client.get(edit).content.decode()
    client.post(edit, filled | {"name": "Melodies", "quota": ""})
    made.refresh_from_db()
    assert (made.name, made.quota) == ("Melodies", None)
    assert "Melodies" in client.get(at_page).content.decode()
    client.post(reverse("study_condition_remove", args=[draft.pk, made.pk]))
    assert not draft.conditions.exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Give the condition a name."),
        ({"quota": "0"}, "Give a whole number from 1 to 1000000, or leave this empty."),
        ({"quota": "many"}, "Give a whole number from 1 to 1000000, or leave this empty."),
        ({"minimum_listens": "11"}, "Give a whole number from 0 to 10, or leave this empty."),
        ({"translator": "elsewhere"}, "“elsewhere” is not on this server"),
        ({"name": "Control"}, "Another condition of this study has this name."),
    ],
)
def test_what_is_wrong_is_said(
    draft: Study, alice: User, client: Client, wrong: dict[str, str], sentence: str
) -> None:
    conditions.add(draft, by=alice, configuration={"name": "Control"})
    new = reverse("study_condition_new", args=[draft.pk])
    answer = client.post(new, {"name": "Music", "music": "own", **wrong})
    assert (answer.status_code, draft.conditions.count()) == (422, 1)
    assert sentence in answer.content.decode()


def test_a_published_studys_condition_is_only_switched(draft: Study, alice: User, client: Client) -> None:
    for name in ("Music", "Control"):
        conditions.add(draft, by=alice, configuration={"name": name, "quota": 5})
    give_stimuli(draft, alice)
    study = studies.publish(draft, by=alice)
    answer_all(at_first_trial(study))
    at_first_trial(study)
    page = client.get(reverse("study_conditions", args=[study.pk])).content.decode()
    assert "1 of 5 finished" in page
    assert "0 of 5 finished, 1 under way" in page
    assert "Add a condition" not in page
    music = study.conditions.get(name="Music")
    switch = reverse("study_condition_switch", args=[study.pk, music.pk])
    page = client.post(switch, {"on": "no"}, follow=True).content.decode()
    assert "“Music” is switched off." in page
    control = study.conditions.get(name="Control")
    last = reverse("study_condition_switch", args=[study.pk, control.pk])
    assert "pause the study" in client.post(last, {"on": "no"}, follow=True).content.decode()
    assert client.get(reverse("study_condition_edit", args=[study.pk, music.pk])).status_code == 409


def test_another_studys_condition_is_not_found(
    draft: Study, make_study: MakeStudy, alice: User, client: Client
) -> None:
    other = conditions.add(make_study(status="draft"), by=alice, configuration={"name": "Other"})
    for name in ("study_condition_edit", "study_condition_remove", "study_condition_switch"):
        assert client.post(reverse(name, args=[draft.pk, other.pk])).status_code == 404


def test_the_studys_page_names_its_conditions(draft: Study, alice: User, client: Client) -> None:
    assert "One for all volunteers" in client.get(reverse("study", args=[draft.pk])).content.decode()
    for name in ("Music", "Control"):
        conditions.add(draft, by=alice, configuration={"name": name})
    assert "Music, Control" in client.get(reverse("study", args=[draft.pk])).content.decode()
