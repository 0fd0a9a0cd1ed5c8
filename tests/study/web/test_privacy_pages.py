"""The page where a volunteer withdraws, and the researcher's page of privacy."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from study.domain import privacy, sessions, studies
from study.models import Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial, signed_in

pytestmark = pytest.mark.django_db


def in_browser(client: Client, session: Session) -> str:
    client.cookies[f"earsight-{session.study.code}"] = session.token
    return f"/s/{session.study.code}/"


@pytest.mark.parametrize("is_finished", [False, True])
def test_withdrawing_deletes_the_visit_and_its_cookie(
    visit: Session, client: Client, is_finished: bool
) -> None:
    base = in_browser(client, answer_all(visit) if is_finished else visit)
    page = client.get(f"{base}withdraw/").content.decode()
    assert f"{6 if is_finished else 0} of 6 answers are stored." in page
    assert Session.objects.count() == 1
    answer = client.post(f"{base}withdraw/")
    assert answer["Location"] == f"{base}withdrawn/?box={sessions.text_hash(visit.token)[:16]}"
    assert answer.cookies[f"earsight-{visit.study.code}"].value == ""
    assert "Your answers are deleted" in client.get(answer["Location"]).content.decode()
    assert Session.objects.count() == 0
    assert client.get(f"{base}trials/1/")["Location"] == base


def test_every_page_of_a_visit_leads_there(visit: Session, client: Client) -> None:
    base = in_browser(client, visit)
    link = f'href="{base}withdraw/"'
    assert link in client.get(f"{base}trials/1/").content.decode()
    answer_all(visit)
    page = client.get(f"{base}thanks/").content.decode()
    assert page.count(link) == 2
    assert visit.personal_code in page


def test_a_closed_study_and_an_expired_visit_let_go(visit: Session, alice: User, client: Client) -> None:
    base = in_browser(client, visit)
    Session.objects.update(expires_at=visit.started_at)
    studies.close(visit.study, by=alice)
    assert client.get(f"{base}withdraw/").status_code == 200
    assert client.post(f"{base}withdraw/").status_code == 302
    assert not Session.objects.exists()


def test_without_a_visit_the_page_asks_for_the_code(study: Study, client: Client) -> None:
    page = client.get(f"/s/{study.code}/withdraw/")
    assert page.status_code == 200
    assert reverse("volunteer_resume", args=[study.code]) in page.content.decode()
    assert client.post(f"/s/{study.code}/withdraw/").status_code == 200
    assert client.get("/s/nowhere/withdraw/").status_code == 404


def test_a_box_from_elsewhere_is_shown_as_text_alone(study: Study, client: Client) -> None:
    page = client.get(f"/s/{study.code}/withdrawn/", {"box": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page


def test_a_withdrawn_visit_is_gone_for_the_api(visit: Session, client: Client) -> None:
    privacy.withdraw(visit)
    answer = client.get(reverse("api_session", args=[visit.token]))
    assert (answer.status_code, answer.json()["error"]) == (404, "NoSuchSession")


def test_the_welcome_page_says_how_long_answers_are_kept(make_study: MakeStudy, client: Client) -> None:
    forgetful, faithful = make_study(retention_days=30), make_study()
    sentence = "We delete them by ourselves 30 days after your visit."
    for study, said in ((forgetful, True), (faithful, False)):
        assert (sentence in client.get(f"/s/{study.code}/").content.decode()) is said


def test_the_researcher_sees_texts_and_counts(study: Study, alice: User) -> None:
    at_first_trial(study)
    privacy.withdraw(answer_all(at_first_trial(study)))
    page = signed_in(alice).get(reverse("study_privacy", args=[study.pk])).content.decode()
    assert '<span class="number">1</span> withdrawn by volunteers' in page
    assert "<p>I agree.</p>" in page
    assert "1 visit stored" in page
