"""The volunteer's pages beside the trials: instructions, practice, rest; plain forms without any script."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from study.domain import media, practice
from study.models import Condition, Session, Study
from tests.world import MakeStudy, answer_some, at_first_trial

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_practice(make_study: MakeStudy, client: Client) -> Session:
    """A visit of this browser that stands at its practice trial."""
    study = make_study(practice=True)
    base = f"/s/{study.code}/"
    client.post(f"{base}consent/", {"agree": "yes"})
    for page in ("sound/", "instructions/", "examples/"):
        answer = client.post(base + page)
    assert answer["Location"] == f"{base}practice/"
    return Session.objects.get()


def page_of(client: Client, session: Session) -> str:
    return client.get(f"/s/{session.study.code}/practice/").content.decode()


def test_the_practice_page_shows_its_own_media_and_no_truth(at_practice: Session, client: Client) -> None:
    page = page_of(client, at_practice)
    wanted = [media.practice_clip_address(at_practice), *media.practice_picture_addresses(at_practice)]
    assert set(re.findall(r'src="(/media/[^"]+)"', page)) == set(wanted)
    tokens = [row.media_token for row in at_practice.stimuli.examples.all()]
    assert [word for word in (*tokens, "truth", *at_practice.stimuli.class_names) if word in page] == []


@pytest.mark.parametrize("is_right", [True, False])
def test_feedback_tells_what_was_right(at_practice: Session, client: Client, is_right: bool) -> None:
    truth = practice.of_session(at_practice).truth
    choice = truth if is_right else (truth + 1) % 3
    base = f"/s/{at_practice.study.code}/"
    assert client.post(f"{base}practice/", {"choice": choice})["Location"] == f"{base}practice/"
    page = page_of(client, at_practice)
    told = f"You chose picture {'ABC'[choice]}. The music was made from picture {'ABC'[truth]}."
    assert ("Right! That is the picture" in page, told in page) == (is_right, not is_right)
    assert "data-volume" in page
    assert client.post(f"{base}practice/", {"go_on": "yes"})["Location"] == f"{base}trials/1/"


def test_no_choice_is_said_on_the_page(at_practice: Session, client: Client) -> None:
    for choice in ("", "x", "²"):
        answer = client.post(f"/s/{at_practice.study.code}/practice/", {"choice": choice})
        assert answer.status_code == 422
        assert "<title>Error:" in answer.content.decode()
        assert answer.content.decode().count('aria-invalid="true" aria-describedby="problem-text"') == 3
    at_practice.refresh_from_db()
    assert at_practice.practice_choice is None


def test_the_parts_say_what_is_done_and_where_one_is(at_practice: Session, client: Client) -> None:
    def parts(page: str) -> list[str]:
        said = re.findall(
            r"<li( aria-current=\"step\")?[^>]*>(.*?)</li>", page[page.index('class="parts"') :], re.S
        )
        return [re.sub(r"<[^>]+>", "", words).strip() + (" *" if now else "") for now, words in said[:4]]

    done = ["Welcome (done)", "Sound (done)"]
    assert parts(page_of(client, at_practice)) == [*done, "Examples *", "Test"]
    client.post(f"/s/{at_practice.study.code}/practice/", {"go_on": "yes"})
    answer_some(Session.objects.get(), 6)
    last = client.get(f"/s/{at_practice.study.code}/finish/").content.decode()
    assert parts(last) == [*done, "Examples (done)", "Test *"]


def test_practice_may_be_skipped(at_practice: Session, client: Client) -> None:
    base = f"/s/{at_practice.study.code}/"
    assert client.post(f"{base}practice/", {"go_on": "yes"})["Location"] == f"{base}trials/1/"


def test_practice_is_over_once_the_trials_have_begun(at_practice: Session, client: Client) -> None:
    base = f"/s/{at_practice.study.code}/"
    client.post(f"{base}practice/", {"go_on": "yes"})
    assert client.get(f"{base}practice/")["Location"] == f"{base}trials/1/"


def test_the_researchers_instructions_stand_in_place_of_ours(make_study: MakeStudy, client: Client) -> None:
    study = make_study(instructions_text="Listen with <both> ears.\n\nThen choose.", minimum_listens=2)
    client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    client.post(f"/s/{study.code}/sound/")
    page = client.get(f"/s/{study.code}/instructions/").content.decode()
    assert "<p>Listen with &lt;both&gt; ears.</p>" in page
    assert "at least 2 times" in page
    assert "It is not easy" not in page


def test_the_instructions_say_what_the_visits_condition_wants(make_study: MakeStudy, client: Client) -> None:
    study = make_study(minimum_listens=0)
    Condition.objects.create(study=study, place=1, name="Patient", minimum_listens=3)
    client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    client.post(f"/s/{study.code}/sound/")
    assert "at least 3 times" in client.get(f"/s/{study.code}/instructions/").content.decode()


def test_a_rest_is_offered_half_way_and_left_by_its_button(make_study: MakeStudy, client: Client) -> None:
    study: Study = make_study(rest_half_way=True)
    session = at_first_trial(study)
    client.cookies[f"earsight-{study.code}"] = session.token
    answer_some(session, 3)
    base = f"/s/{study.code}/"
    assert client.get(f"{base}trials/4/")["Location"] == f"{base}rest/"
    assert "3 of 6 answers are saved." in client.get(f"{base}rest/").content.decode()
    assert client.post(f"{base}rest/")["Location"] == f"{base}trials/4/"
    assert client.get(f"{base}rest/")["Location"] == f"{base}trials/4/"
