"""The researcher's pages about a panel: its parameters and codes, its list beside ours."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from study.domain import panels
from study.models import Session, Study
from tests.world import MakeStudy

pytestmark = pytest.mark.django_db

PROLIFIC = ["PROLIFIC_PID", "STUDY_ID", "SESSION_ID"]


@pytest.fixture
def draft(make_study: MakeStudy, alice: User, client: Client) -> Study:
    """A draft of Alice's, who is signed in."""
    client.force_login(alice)
    return make_study(status="draft")


def save(client: Client, study: Study, **fields: str) -> int:
    return client.post(reverse("study_panel", args=[study.pk]), fields).status_code


def test_a_preset_names_the_parameters(draft: Study, client: Client) -> None:
    code = "https://app.prolific.com/submissions/complete?cc=C1"
    assert save(client, draft, panel="prolific", completion_code=code, keep_participant_ids="on") == 302
    draft.refresh_from_db()
    assert (draft.participant_parameters, draft.completion_code, draft.keep_participant_ids) == (
        PROLIFIC, code, True,
    )  # fmt: skip
    page = client.get(reverse("study_panel", args=[draft.pk])).content.decode()
    assert '<option value="prolific" selected>' in page
    assert save(client, draft, panel="") == 302
    draft.refresh_from_db()
    assert (draft.participant_parameters, draft.completion_code) == ([], "")


def test_other_names_are_read_in_their_order(draft: Study, client: Client) -> None:
    assert save(client, draft, panel="other", names="rid, source  psid", completion_code="x") == 302
    draft.refresh_from_db()
    assert draft.participant_parameters == ["rid", "source", "psid"]
    page = client.get(reverse("study_panel", args=[draft.pk])).content.decode()
    assert 'value="rid source psid"' in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"panel": "other", "names": " "}, "Name the parameter that carries"),
        ({"panel": "other", "names": "a b a"}, "A parameter is named twice."),
        ({"panel": "other", "names": "1st"}, "is not the name of a parameter"),
        ({"panel": "other", "names": "id key"}, "“key” has a meaning of its own in our links"),
        ({"panel": "other", "names": "language"}, "“language” has a meaning of its own in our links"),
        ({"panel": "elsewhere"}, "Choose one of the list."),
        ({"panel": "sona", "completion_code": "http://uni.example/x"}, "begins with https://"),
        ({"panel": "sona", "completion_code": "https://uni.example/x?c={code}"}, "is not a parameter"),
        ({"panel": "", "completion_code": "https://uni.example/x?c={id}"}, "is not a parameter"),
    ],
)
def test_what_is_wrong_is_said(draft: Study, client: Client, fields: dict[str, str], sentence: str) -> None:
    answer = client.post(reverse("study_panel", args=[draft.pk]), fields)
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    draft.refresh_from_db()
    assert draft.participant_parameters == []


def test_the_link_on_the_page_is_the_panels(make_study: MakeStudy, alice: User, client: Client) -> None:
    client.force_login(alice)
    study = make_study(participant_parameters=PROLIFIC)
    page = client.get(reverse("study", args=[study.pk])).content.decode()
    assert "?PROLIFIC_PID={{%PROLIFIC_PID%}}&amp;STUDY_ID={{%STUDY_ID%}}" in page
    assert reverse("study_participants", args=[study.pk]) in page


def test_the_list_is_compared_and_not_kept(make_study: MakeStudy, alice: User, client: Client) -> None:
    client.force_login(alice)
    study = make_study(participant_parameters=["id"])
    panels.begin(study, mode=Session.Mode.LIVE, ids={"id": "17"})
    address = reverse("study_participants", args=[study.pk])
    page = client.post(address, {"ids": "17\n18"}).content.decode()
    assert '<strong class="number">1</strong> under way' in page
    assert '<strong class="number">1</strong> unknown here' in page
    table = client.post(address, {"ids": "17\n18", "download": "csv"})
    assert table["Content-Type"].startswith("text/csv")
    assert table.content.decode().splitlines()[1].startswith("17,1,under_way,0,6,")
    assert client.post(address, {"ids": " "}).status_code == 422
    assert "></textarea>" in client.get(address).content.decode()


def test_a_study_without_a_panel_says_where_to_name_one(draft: Study, client: Client) -> None:
    page = client.get(reverse("study_participants", args=[draft.pk])).content.decode()
    assert reverse("study_panel", args=[draft.pk]) in page


def test_ids_are_shown_to_nobody_else(make_study: MakeStudy, charlie: User, client: Client) -> None:
    study = make_study(participant_parameters=["id"], keep_participant_ids=True)
    panels.begin(study, mode=Session.Mode.LIVE, ids={"id": "participant-17"})
    address = reverse("study_participants", args=[study.pk])
    client.force_login(charlie)
    answer = client.post(address, {"ids": "participant-17"})
    assert (answer.status_code, "participant-17" in answer.content.decode()) == (404, False)
