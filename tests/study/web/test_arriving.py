"""Coming from a panel, coming again, finding the study full, telling that something broke."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from study.domain import conditions, modes, panels, sessions, steps, studies
from study.models import Outcome, Participant, Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial, give_stimuli

pytestmark = pytest.mark.django_db

PID = "60fb1c0f2a1b4c0012345678"


@pytest.fixture
def study(make_study: MakeStudy) -> Study:
    """A published study of people from Prolific."""
    return make_study(
        participant_parameters=["PROLIFIC_PID", "STUDY_ID"], completion_code="C1ABCDEF", broken_code="BROKE77"
    )


def welcome(study: Study, pid: str = PID) -> str:
    return reverse("volunteer_welcome", args=[study.code]) + (f"?PROLIFIC_PID={pid}" if pid else "")


def begin(client: Client, study: Study, pid: str = PID, **fields: str) -> Session:
    """Open the link with this id and press the button; the address of the form holds no id."""
    client.get(welcome(study, pid))
    client.post(reverse("volunteer_consent", args=[study.code]), {"agree": "yes"} | fields)
    return sessions.find(client.cookies[f"earsight-{study.code}"].value)


def finish(session: Session) -> Session:
    """Take the whole test."""
    sessions.confirm_sound(session)
    steps.read_instructions(session)
    sessions.finish_examples(session)
    return answer_all(session)


def test_the_id_outlasts_the_address(study: Study, client: Client) -> None:
    session = begin(client, study)
    assert Participant.objects.get().session == session
    assert Participant.objects.get().key == panels.key_of(study, PID)


def test_opening_the_link_begins_nothing(study: Study, client: Client) -> None:
    assert client.get(welcome(study)).status_code == 200
    assert (Session.objects.count(), Participant.objects.count()) == (0, 0)


def test_coming_again_in_another_browser_goes_on(study: Study, client: Client) -> None:
    first = begin(client, study)
    elsewhere = Client()
    page = elsewhere.get(welcome(study)).content.decode()
    assert "Go on where you stopped" in page
    assert reverse("volunteer_consent", args=[study.code]) not in page
    sound = elsewhere.get(reverse("volunteer_sound", args=[study.code]))
    assert (sound.status_code, sound.context["session"]) == (200, first)
    assert begin(Client(), study) == first
    assert study.sessions.count() == 1


def test_another_person_in_the_same_browser_begins_anew(study: Study, client: Client) -> None:
    first = begin(client, study)
    assert begin(client, study, PID[::-1]) != first
    assert study.sessions.count() == 2


def test_who_has_finished_does_not_begin_again(study: Study, client: Client) -> None:
    done = finish(begin(client, study))
    page = client.get(welcome(study)).content.decode()
    assert "You have taken this test" in page
    assert begin(client, study) == done
    thanks = client.get(reverse("volunteer_thanks", args=[study.code])).content.decode()
    assert "C1ABCDEF" in thanks


def test_an_id_alone_opens_nothing_of_a_finished_visit_but_the_panels_code(
    study: Study, client: Client
) -> None:
    done = finish(begin(client, study))
    stranger = Client()
    consent = reverse("volunteer_consent", args=[study.code])
    for reply in (
        stranger.get(welcome(study)),
        stranger.post(f"{consent}?PROLIFIC_PID={PID}", {"agree": "yes"}),
    ):
        page = reply.content.decode()
        assert (reply.status_code, "C1ABCDEF" in page, dict(reply.cookies)) == (200, True, {})
        assert done.personal_code not in page
        assert reverse("volunteer_withdraw", args=[study.code]) not in page
    thanks = stranger.get(reverse("volunteer_thanks", args=[study.code]))
    assert thanks.status_code == 302
    assert study.sessions.count() == 1


def test_one_network_cannot_try_many_ids(study: Study, client: Client, product: Settings) -> None:
    product.START_RATE = "3/hour"
    begin(client, study)  # looked up twice, on the page and at its button
    assert [Client().get(welcome(study, f"guess-{number}")).status_code for number in range(3)] == [
        200,
        429,
        429,
    ]
    assert client.get(welcome(study)).status_code == 200  # a browser with its own visit asks nothing new


def test_who_withdraws_after_the_end_is_told_to_take_the_code_along(study: Study, client: Client) -> None:
    session = begin(client, study)
    withdraw = reverse("volunteer_withdraw", args=[study.code])
    assert "Take your code for the panel" not in client.get(withdraw).content.decode()
    finish(session)
    page = client.get(withdraw).content.decode()
    assert ("Take your code for the panel" in page, "C1ABCDEF" in page) == (True, True)


def test_no_page_tells_the_code_before_the_end(study: Study, client: Client) -> None:
    begin(client, study)
    for name in ("welcome", "sound", "finish", "thanks", "broken"):
        page = client.get(reverse(f"volunteer_{name}", args=[study.code]), follow=True).content.decode()
        assert "C1ABCDEF" not in page
        assert "BROKE77" not in page


@pytest.mark.parametrize("pid", ["", "{{%25PROLIFIC_PID%25}}"])
def test_without_an_id_the_way_leads_back_to_the_panel(study: Study, client: Client, pid: str) -> None:
    answer = client.get(welcome(study, pid))
    assert (answer.status_code, "Please come from the panel's page" in answer.content.decode()) == (409, True)
    posted = client.post(reverse("volunteer_consent", args=[study.code]), {"agree": "yes"})
    assert (posted.status_code, Session.objects.count()) == (409, 0)


def test_a_pilot_needs_no_id(study: Study, client: Client) -> None:
    key = modes.mode_key(study, Session.Mode.PILOT)
    assert client.get(f"{welcome(study, '')}?key={key}").status_code == 200
    client.post(reverse("volunteer_consent", args=[study.code]), {"agree": "yes", "key": key})
    assert Session.objects.get().mode == "pilot"


def test_a_pilot_may_come_again_with_the_same_id(study: Study, client: Client) -> None:
    key = modes.mode_key(study, Session.Mode.PILOT)
    for _ in range(2):
        client.get(f"{welcome(study)}&key={key}")
        client.post(reverse("volunteer_consent", args=[study.code]), {"agree": "yes", "key": key})
        finish(study.sessions.latest("pk"))
    assert (study.sessions.count(), Participant.objects.count()) == (2, 0)


def test_the_way_back_carries_the_id(make_study: MakeStudy, client: Client) -> None:
    address = "https://uni.sona-systems.com/credit?token=9f&survey_code={id}"
    study = make_study(participant_parameters=["id"], completion_code=address)
    client.get(f"{welcome(study, '')}?id=17")
    client.post(reverse("volunteer_consent", args=[study.code]), {"agree": "yes"})
    finish(Session.objects.get())
    thanks = reverse("volunteer_thanks", args=[study.code])
    page = client.get(thanks).content.decode()
    assert 'href="https://uni.sona-systems.com/credit?token=9f&amp;survey_code=17"' in page
    del client.cookies[f"earsight-{study.code}-panel"]
    page = client.get(thanks).content.decode()
    assert "survey_code" not in page
    assert "Open this test from the panel's page once more" in page


def test_a_forged_cookie_is_no_id(study: Study, client: Client) -> None:
    client.cookies[f"earsight-{study.code}-panel"] = "eyJQUk9MSUZJQ19QSUQiOiJ4In0:forged"
    assert client.get(welcome(study, "")).status_code == 409


def test_somebody_for_whom_it_broke_gets_that_code_and_may_go_on(study: Study, client: Client) -> None:
    session = begin(client, study)
    sound = client.get(reverse("volunteer_sound", args=[study.code])).content.decode()
    broken = reverse("volunteer_broken", args=[study.code])
    assert f'href="{broken}"' in sound
    assert "BROKE77" not in client.get(broken).content.decode()
    assert not Outcome.objects.exists()
    page = client.post(broken, follow=True).content.decode()
    assert "BROKE77" in page
    assert Outcome.objects.get().kind == "broken"
    finish(session)
    assert "C1ABCDEF" in client.get(broken).content.decode()


def full_study(make_study: MakeStudy, alice: User, **options: object) -> Study:
    study = make_study(status="draft", **options)
    conditions.add(study, by=alice, configuration={"name": "Everybody", "quota": 1})
    give_stimuli(study, alice)
    return studies.publish(study, by=alice)


def test_a_full_study_says_so_kindly(make_study: MakeStudy, alice: User, client: Client) -> None:
    study = full_study(make_study, alice)
    here = at_first_trial(study)
    link = reverse("volunteer_welcome", args=[study.code])
    page = client.get(link)
    assert (page.status_code, "places become free again" in page.content.decode()) == (410, True)
    answer_all(here)
    page = client.get(link)
    assert "All places are taken" in page.content.decode()
    assert "places become free again" not in page.content.decode()
    posted = client.post(reverse("volunteer_consent", args=[study.code]), {"agree": "yes"})
    assert (posted.status_code, study.sessions.count()) == (410, 1)


def test_who_is_in_a_full_study_goes_on(make_study: MakeStudy, alice: User, client: Client) -> None:
    study = full_study(make_study, alice)
    client.post(reverse("volunteer_consent", args=[study.code]), {"agree": "yes"})
    page = client.get(reverse("volunteer_welcome", args=[study.code]))
    assert "Go on where you stopped" in page.content.decode()


def test_a_full_study_gives_panel_people_their_code(
    make_study: MakeStudy, alice: User, client: Client
) -> None:
    study = full_study(make_study, alice, participant_parameters=["id"], screened_out_code="FULL1")
    begin_first = panels.begin(study, mode=Session.Mode.LIVE, ids={"id": "1"})
    assert begin_first.condition is not None
    page = client.get(f"{welcome(study, '')}?id=2").content.decode()
    assert "FULL1" in page


def test_who_heard_exchanged_music_is_told_at_the_end(
    make_study: MakeStudy, alice: User, client: Client
) -> None:
    draft = make_study(status="draft")
    conditions.add(draft, by=alice, configuration={"name": "Control", "music": "exchanged"})
    give_stimuli(draft, alice)
    study = studies.publish(draft, by=alice)
    client.post(reverse("volunteer_consent", args=[study.code]), {"agree": "yes"})
    finish(Session.objects.get())
    page = client.get(reverse("volunteer_thanks", args=[study.code])).content.decode()
    assert "had been exchanged between the pictures" in page
    assert "The source" not in page


@pytest.mark.parametrize(("keep", "said"), [(True, "stored with your answers"), (False, "only as a hash")])
def test_people_of_a_panel_read_what_becomes_of_their_id(
    make_study: MakeStudy, client: Client, keep: bool, said: str
) -> None:
    study = make_study(participant_parameters=["id"], keep_participant_ids=keep)
    page = client.get(f"{welcome(study, '')}?id=17").content.decode()
    assert said in page
    assert "Your id of the panel" not in client.get(welcome(make_study(), "")).content.decode()
