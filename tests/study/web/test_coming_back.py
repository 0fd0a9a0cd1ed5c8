"""Coming back: by the personal code, after the end, and what a preview of a link does (nothing)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from study.domain import sessions
from study.models import Event, Presentation, Session, Study
from tests.study.web.test_volunteer_pages import begin
from tests.world import MakeStudy, answer_all, at_first_trial, new_client_id

pytestmark = pytest.mark.django_db


def go_on(client: Client, study: Study, code: str) -> tuple[int, str]:
    """Send a personal code; the status and where it leads."""
    response = client.post(f"/s/{study.code}/resume/", {"code": code})
    return response.status_code, response.headers.get("Location", "")


def ends_in(left: timedelta) -> None:
    Session.objects.update(expires_at=timezone.now() + left)


def test_the_code_takes_another_device_to_the_same_trial_and_orders(client: Client, study: Study) -> None:
    session = begin(client, study)
    here = client.get(f"/s/{study.code}/trials/1/").content.decode()
    laptop = Client()
    assert go_on(laptop, study, session.personal_code) == (302, f"/s/{study.code}/trials/1/")
    there = laptop.get(f"/s/{study.code}/trials/1/").content.decode()
    media = r'src="(/media/[^"]+)"'
    assert re.findall(media, there) == re.findall(media, here) != []
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    "typed",
    [
        "{code}",
        "  {code} ",
        "{upper}",
        "{plain}",
        "https://listen.example.org/s/x/resume/#{code}",
        "#{code}",
        "{spaced}",
    ],
)
def test_a_code_may_be_typed_in_any_way(client: Client, study: Study, typed: str) -> None:
    session = begin(client, study)
    code = session.personal_code
    forms = {
        "code": code,
        "upper": code.upper(),
        "plain": session.resume_code,
        "spaced": code.replace("-", " "),
    }
    assert go_on(Client(), study, typed.format(**forms))[0] == 302


@pytest.mark.parametrize(
    "typed", ["", "#", "nothing", "abcd-efgh-jkmn-pqrs", "ß" * 16, "x" * 5000, "\x00", "²²²²"]
)
def test_an_unknown_code_is_said_on_the_page(client: Client, study: Study, typed: str) -> None:
    begin(client, study)
    stranger = Client()
    response = stranger.post(f"/s/{study.code}/resume/", {"code": typed})
    assert response.status_code == 422
    assert "<title>Error: Go on with your personal link" in response.content.decode()
    assert f"earsight-{study.code}" not in stranger.cookies


def test_a_code_opens_no_other_study(client: Client, study: Study, make_study: MakeStudy) -> None:
    session = begin(client, study)
    assert go_on(Client(), make_study(title="Other"), session.personal_code)[0] == 422


def test_the_sessions_own_token_is_no_code(client: Client, study: Study) -> None:
    assert go_on(Client(), study, begin(client, study).token)[0] == 422


def test_a_code_before_consent_opens_nothing(client: Client, study: Study) -> None:
    assert go_on(client, study, sessions.start(study).personal_code)[0] == 422


def test_a_finished_visit_leads_to_its_score(client: Client, study: Study) -> None:
    code = answer_all(at_first_trial(study)).personal_code
    assert go_on(client, study, code) == (302, f"/s/{study.code}/thanks/")


def test_every_page_of_a_visit_shows_the_link_with_the_code_behind_the_hash(
    client: Client, study: Study
) -> None:
    session = begin(client, study)
    link = f"http://testserver/s/{study.code}/resume/#{session.personal_code}"
    pages = [client.get(f"/s/{study.code}/trials/1/").content.decode()]
    answer_all(session)
    pages.append(client.get(f"/s/{study.code}/thanks/").content.decode())
    assert [link in page for page in pages] == [True, True]


def test_no_address_that_a_server_sees_holds_the_code(client: Client, study: Study) -> None:
    """What is behind the hash is never sent; all else on the page could come into a log or a Referer."""
    session = begin(client, study)
    page = client.get(f"/s/{study.code}/trials/1/").content.decode()
    sent = [address.partition("#")[0] for address in re.findall(r'(?:href|src|action|value)="([^"]*)"', page)]
    assert [
        address for address in sent if session.personal_code in address or session.resume_code in address
    ] == []
    assert client.get(f"/s/{study.code}/resume/")["Referrer-Policy"] == "same-origin"


def test_a_preview_of_either_link_starts_changes_and_sets_nothing(client: Client, study: Study) -> None:
    begin(client, study)
    before = [list(model.objects.values()) for model in (Session, Presentation, Event)]
    scanner = Client(headers={"user-agent": "WhatsApp/2.23.20.0"})
    for address in (f"/s/{study.code}/", f"/s/{study.code}/resume/", f"/s/{study.code}/trials/1/"):
        scanner.head(address)
        scanner.get(address, follow=True)
    assert [list(model.objects.values()) for model in (Session, Presentation, Event)] == before
    assert [name for name in scanner.cookies if name != "csrftoken"] == []


def test_a_preview_with_the_volunteers_own_cookie_ends_no_step(client: Client, study: Study) -> None:
    client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    before = Session.objects.values().get()
    for page in (
        "",
        "sound/",
        "instructions/",
        "examples/",
        "trials/1/",
        "extend/",
        "expired/",
        "finish/",
        "thanks/",
    ):
        client.get(f"/s/{study.code}/{page}")
        client.head(f"/s/{study.code}/{page}")
    assert Session.objects.values().get() == before


def test_a_browser_with_another_visit_is_told_before_it_changes(client: Client, study: Study) -> None:
    begin(client, study)
    other = at_first_trial(study)
    assert (
        "A visit to this test was begun in this browser, too"
        in client.get(f"/s/{study.code}/resume/").content.decode()
    )
    go_on(client, study, other.personal_code)
    assert client.cookies[f"earsight-{study.code}"].value == other.token


def test_the_warning_comes_with_a_button_that_gives_the_whole_time_again(
    client: Client, study: Study
) -> None:
    begin(client, study)
    early = client.get(f"/s/{study.code}/trials/1/").content.decode()
    ends_in(timedelta(minutes=8, seconds=10))
    soon = client.get(f"/s/{study.code}/trials/1/").content.decode()
    banner = r'id="deadline"[^>]*hidden>'
    assert (bool(re.search(banner, early)), bool(re.search(banner, soon))) == (True, False)
    assert "The time for this visit ends in 8 minutes." in soon
    assert client.post(f"/s/{study.code}/extend/")["Location"] == f"/s/{study.code}/trials/1/"
    assert (
        "The time for this visit ends in 1440 minutes."
        in client.get(f"/s/{study.code}/trials/1/").content.decode()
    )


def test_the_api_gives_more_time_too(client: Client, study: Study) -> None:
    session = begin(client, study)
    ends_in(timedelta(minutes=5))
    told = client.post(f"/api/v1/sessions/{session.token}/extend").json()
    assert told == {"seconds": pytest.approx(86_400, abs=5), "extendable": True}
    ends_in(-timedelta(minutes=5))
    late = client.post(f"/api/v1/sessions/{session.token}/extend")
    assert (late.status_code, late.json()["error"]) == (410, "SessionExpired")


def test_after_the_end_every_page_leads_to_the_one_that_says_so(client: Client, study: Study) -> None:
    session = begin(client, study)
    first = session.presentations.get(position=1)
    client.post(
        f"/api/v1/sessions/{session.token}/answers",
        {"client_id": new_client_id(), "presentation": first.token, "choice": 0},
        content_type="application/json",
    )
    ends_in(-timedelta(hours=1))
    expired = f"/s/{study.code}/expired/"
    for page in ("sound/", "examples/", "trials/1/", "trials/2/", "finish/", "thanks/"):
        assert client.get(f"/s/{study.code}/{page}")["Location"] == expired
    page = client.get(expired).content.decode()
    assert "1 of your 6 answers are saved" in page
    assert "24 hours" in page


def test_a_form_sent_long_after_the_end_leads_there_too(client: Client, study: Study) -> None:
    session = begin(client, study)
    second = session.presentations.get(position=1)
    ends_in(-timedelta(hours=1))
    form = {"presentation": second.token, "client_id": new_client_id(), "choice": "0"}
    response = client.post(f"/s/{study.code}/trials/1/", form)
    assert response["Location"] == f"/s/{study.code}/expired/"


def test_after_the_end_the_test_can_be_taken_anew(client: Client, study: Study) -> None:
    begin(client, study)
    ends_in(-timedelta(hours=1))
    client.post(f"/s/{study.code}/consent/", {"agree": "yes"})
    assert Session.objects.count() == 2
    assert client.get(f"/s/{study.code}/sound/").status_code == 200


def test_an_api_answer_long_after_the_end_is_refused_by_name(client: Client, study: Study) -> None:
    session = begin(client, study)
    ends_in(-timedelta(hours=1))
    first = session.presentations.get(position=1)
    answer = {"client_id": new_client_id(), "presentation": first.token, "choice": 0}
    address = f"/api/v1/sessions/{session.token}/answers"
    late = client.post(address, answer, content_type="application/json")
    assert (late.status_code, late.json()["error"]) == (410, "SessionExpired")
    waited = client.post(address, answer | {"waited_ms": 3_700_000}, content_type="application/json")
    assert waited.status_code == 201
