"""The volunteer's pages as plain requests: what they show, refuse and never say."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from study.domain import modes, sessions, steps, studies
from study.models import Response, Session, Study
from tests.world import MakeStudy, answer_all, answer_some

pytestmark = pytest.mark.django_db


def begin(client: Client, study: Study) -> Session:
    """Walk to the first trial."""
    client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    client.post(f"/s/{study.code}/sound/")
    client.post(f"/s/{study.code}/instructions/")
    client.post(f"/s/{study.code}/examples/")
    return Session.objects.get()


def answer_form(client: Client, session: Session, choice: int = 0) -> dict[str, str]:
    """What the trial page's form would send."""
    page = client.get(f"/s/{session.study.code}/", follow=True)
    step = sessions.current_step(session)
    assert step.presentation is not None
    page = client.get(f"/s/{session.study.code}/trials/{step.presentation.position}/")
    hidden = dict(
        re.findall(r'type="hidden" name="(presentation|client_id)" value="([^"]+)"', page.content.decode())
    )
    return hidden | {"choice": str(choice)}


def test_opening_the_link_starts_nothing(client: Client, study: Study) -> None:
    for _ in range(2):
        assert client.get(f"/s/{study.code}/").status_code == 200
    assert client.head(f"/s/{study.code}/").status_code == 200
    assert (Session.objects.count(), list(client.cookies)) == (0, ["csrftoken"])


def test_consent_starts_one_visit_and_leads_to_the_sound(client: Client, study: Study) -> None:
    response = client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    assert response["Location"] == f"/s/{study.code}/sound/"
    client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    session = Session.objects.get()
    assert session.consented_at is not None
    cookie = client.cookies[f"earsight-{study.code}"]
    assert (cookie.value, bool(cookie["httponly"]), cookie["samesite"]) == (session.token, True, "Lax")


def test_without_the_tick_nothing_starts_and_the_page_says_so(client: Client, study: Study) -> None:
    response = client.post(f"/s/{study.code}/consent/")
    assert response.status_code == 422
    assert "<title>Error: Welcome – Digits</title>" in response.content.decode()
    assert Session.objects.count() == 0


@pytest.mark.parametrize("page", ["sound/", "examples/", "trials/1/", "trials/4/", "finish/", "thanks/"])
def test_every_page_leads_to_where_the_visit_stands(client: Client, study: Study, page: str) -> None:
    assert client.get(f"/s/{study.code}/{page}")["Location"] == f"/s/{study.code}/"
    client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    if page != "sound/":
        assert client.get(f"/s/{study.code}/{page}")["Location"] == f"/s/{study.code}/sound/"


def test_steps_cannot_be_jumped(client: Client, study: Study) -> None:
    client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    assert client.post(f"/s/{study.code}/examples/").status_code == 409
    session = Session.objects.get()
    assert sessions.current_step(session).name == "sound"


def test_plain_forms_answer_every_trial_to_the_score(client: Client, study: Study) -> None:
    session = begin(client, study)
    for number in range(1, 7):
        form = answer_form(client, session, choice=2)
        client.post(f"/s/{study.code}/trials/{number}/", form)
    assert client.get(f"/s/{study.code}/thanks/")["Location"] == f"/s/{study.code}/finish/"
    response = client.post(f"/s/{study.code}/finish/", follow=True)
    assert "of 6 right" in response.content.decode()
    assert list(session.responses.values_list("screen_position", flat=True)) == [2] * 6


def test_sending_a_trials_form_again_keeps_the_first_answer(client: Client, study: Study) -> None:
    session = begin(client, study)
    form = answer_form(client, session, choice=0)
    for choice in ("0", "0", "2"):
        response = client.post(f"/s/{study.code}/trials/1/", form | {"choice": choice})
        assert response["Location"] == f"/s/{study.code}/trials/2/"
    assert Response.objects.get().screen_position == 0


def test_an_old_page_sent_with_another_choice_keeps_the_first_answer(client: Client, study: Study) -> None:
    session = begin(client, study)
    form = answer_form(client, session, choice=0)
    client.post(f"/s/{study.code}/trials/1/", form)
    client.post(f"/s/{study.code}/trials/1/", form | {"choice": "2", "client_id": "another-tab-1"})
    assert Response.objects.get().screen_position == 0


@pytest.mark.parametrize("choice", ["", "left", "-1", "1.5", "²", "1" * 5000], ids=lambda text: text[:5])
def test_no_choice_is_said_on_the_page(client: Client, study: Study, choice: str) -> None:
    session = begin(client, study)
    response = client.post(f"/s/{study.code}/trials/1/", answer_form(client, session) | {"choice": choice})
    assert response.status_code == 422
    page = response.content.decode()
    assert "<title>Error: Trial 1 of 6 – Digits</title>" in page
    assert 'id="choice-error" role="alert" tabindex="-1">' in page
    assert page.count('aria-invalid="true" aria-describedby="choice-error"') == 3
    assert Response.objects.count() == 0


@pytest.mark.parametrize("choice", ["", "left", "0"])
def test_an_answer_outside_the_trials_is_refused(client: Client, study: Study, choice: str) -> None:
    client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    session = Session.objects.get()
    form = {
        "presentation": session.presentations.get(position=1).token,
        "client_id": "too-early-1",
        "choice": choice,
    }
    early = client.post(f"/s/{study.code}/trials/1/", form)
    sessions.finish_examples(steps.read_instructions(sessions.confirm_sound(session)))
    answer_all(session)
    late = client.post(f"/s/{study.code}/trials/1/", form)
    assert (early.status_code, late.status_code) == (409, 410)


def test_a_choice_beyond_the_pictures_is_refused(client: Client, study: Study) -> None:
    session = begin(client, study)
    response = client.post(f"/s/{study.code}/trials/1/", answer_form(client, session, choice=3))
    assert response.status_code == 400
    assert Response.objects.count() == 0


def test_the_trial_page_names_pictures_by_their_place_alone(client: Client, study: Study) -> None:
    begin(client, study)
    page = client.get(f"/s/{study.code}/trials/1/").content.decode()
    assert re.findall(r'alt="([^"]*)"', page) == ["Image A", "Image B", "Image C"]
    assert "picture-" not in page
    assert "checked" not in page


def test_the_page_keeps_its_orders_over_requests(client: Client, study: Study) -> None:
    begin(client, study)
    pages = [client.get(f"/s/{study.code}/trials/1/").content.decode() for _ in range(3)]
    assert len({tuple(re.findall(r'src="(/media/[^"]+)"', page)) for page in pages}) == 1


def test_the_examples_stand_class_by_class(client: Client, study: Study) -> None:
    client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    client.post(f"/s/{study.code}/sound/")
    client.post(f"/s/{study.code}/instructions/")
    page = client.get(f"/s/{study.code}/examples/").content.decode()
    assert re.findall(r'alt="([^"]*)"', page) == [f"Example {letter}{n}" for letter in "ABC" for n in (1, 2)]


def test_pages_are_never_kept_by_the_browser(client: Client, study: Study) -> None:
    begin(client, study)
    for page in ("", "trials/1/", "sound/"):
        assert "no-store" in client.get(f"/s/{study.code}/{page}")["Cache-Control"]


def test_the_score_page_tells_the_truth_of_every_trial(client: Client, study: Study) -> None:
    session = begin(client, study)
    answer_all(session, right=lambda position: position != 2)
    page = client.get(f"/s/{study.code}/thanks/").content.decode()
    assert '<span class="score-number">5</span>' in page
    assert (page.count("Your choice ✓"), page.count("verdict wrong")) == (5, 1)
    assert "data-volume" in page


def test_a_second_person_may_begin_after_the_first_has_finished(client: Client, study: Study) -> None:
    answer_all(begin(client, study))
    assert "See the score again" in client.get(f"/s/{study.code}/").content.decode()
    client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    assert Session.objects.count() == 2


def test_a_paused_study_lets_those_inside_finish_and_nobody_else_in(
    client: Client, study: Study, alice: User
) -> None:
    begin(client, study)
    studies.pause(study, by=alice)
    assert client.get(f"/s/{study.code}/trials/1/").status_code == 200
    stranger = Client()
    assert stranger.get(f"/s/{study.code}/").status_code == 410
    assert stranger.post(f"/s/{study.code}/consent/", {"agree": "yes"}).status_code == 410
    assert Session.objects.count() == 1


def test_a_closed_study_takes_no_answer(client: Client, study: Study, alice: User) -> None:
    session = begin(client, study)
    form = answer_form(client, session)
    studies.close(study, by=alice)
    response = client.post(f"/s/{study.code}/trials/1/", form)
    assert response.status_code == 410
    assert "has been closed" in response.content.decode()
    assert Response.objects.count() == 0


def test_a_closed_study_shows_their_score_to_those_who_have_answered_everything(
    client: Client, make_study: MakeStudy, alice: User
) -> None:
    study = make_study(completion_code="C1A2B3")
    answer_some(begin(client, study), 6)
    studies.close(study, by=alice)
    page = client.post(f"/s/{study.code}/finish/", follow=True)
    assert (page.status_code, page.redirect_chain) == (200, [(f"/s/{study.code}/thanks/", 302)])
    assert "C1A2B3" in page.content.decode()


def test_the_first_page_tells_who_asks_and_where_to_write(client: Client, make_study: MakeStudy) -> None:
    study = make_study(organiser="Ada & Bo, University <X>", contact="lab@example.org")
    page = client.get(f"/s/{study.code}/").content.decode()
    before_agreeing = page.partition('name="agree"')[0]
    assert "This study is run by: Ada &amp; Bo, University &lt;X&gt;" in before_agreeing
    assert 'Write to <a href="mailto:lab@example.org">lab@example.org</a>' in before_agreeing


@pytest.mark.parametrize("path", ["/s/nothing/", "/s/nothing/trials/1/", "/s/nothing/thanks/"])
def test_an_unknown_study_is_not_found(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_draft_is_not_there_for_volunteers(client: Client, make_study: MakeStudy) -> None:
    draft = make_study("built")
    assert client.get(f"/s/{draft.code}/").status_code == 404


def test_a_key_makes_a_pilot_and_a_forged_one_nothing(client: Client, make_study: MakeStudy) -> None:
    draft = make_study("built")
    key = modes.mode_key(draft, Session.Mode.PILOT)
    assert client.post(f"/s/{draft.code}/consent/", {"agree": "yes", "key": key + "x"}).status_code == 403
    client.post(f"/s/{draft.code}/consent/", {"agree": "yes", "key": key})
    assert Session.objects.get().mode == Session.Mode.PILOT


def test_another_studys_cookie_opens_nothing(client: Client, study: Study, make_study: MakeStudy) -> None:
    other = make_study(title="Other")
    session = begin(client, study)
    client.cookies[f"earsight-{other.code}"] = session.token
    assert client.get(f"/s/{other.code}/trials/1/")["Location"] == f"/s/{other.code}/"
