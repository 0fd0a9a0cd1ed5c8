"""Agreeing to take part: one visit for each form, begun and agreed to, or not begun."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from study.domain import arriving, languages, sessions
from study.models import Session, Study
from tests.world import MakeStudy, answer_all

pytestmark = pytest.mark.django_db


def agree(study: Study, visit_id: UUID | None, language: str = "en") -> Session:
    live = Session.Mode.LIVE
    return arriving.agree(study, mode=live, language=language, ids={}, described=False, visit_id=visit_id)


def form_at(client: Client, study: Study) -> dict[str, str]:
    page = client.get(reverse("volunteer_welcome", args=[study.code])).content.decode()
    found = re.search(r'name="visit_id" value="([^"]+)"', page)
    assert found is not None
    return {"agree": "yes", "visit_id": found[1]}


def test_a_form_that_is_sent_twice_begins_one_visit(study: Study) -> None:
    form = {"agree": "yes", "visit_id": str(uuid4())}
    path = reverse("volunteer_consent", args=[study.code])
    replies = [Client().post(path, form) for _ in "12"]  # the cookie of the first has not arrived
    cookies = {reply.cookies[f"earsight-{study.code}"].value for reply in replies}
    assert cookies == {Session.objects.get().token}


@pytest.mark.django_db(transaction=True)
def test_a_double_click_begins_one_visit(study: Study) -> None:
    form = uuid4()

    def click(number: int) -> str:
        try:
            return agree(study, form).token
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as clicks:
        tokens = set(clicks.map(click, range(8)))
    assert tokens == {Session.objects.get().token}


def test_every_welcome_page_has_a_form_of_its_own(study: Study, client: Client) -> None:
    path = reverse("volunteer_consent", args=[study.code])
    for _ in "12":  # two people, one after the other, in one browser
        client.post(path, form_at(client, study))
        answer_all(walked(client, study))
    assert Session.objects.finished().count() == 2


def test_whoever_comes_again_in_the_same_browser_is_noted(study: Study, client: Client) -> None:
    path = reverse("volunteer_consent", args=[study.code])
    for _ in "123":
        client.post(path, form_at(client, study))
        answer_all(walked(client, study))
    Client().post(path, form_at(Client(), study))
    assert list(Session.objects.values_list("again", flat=True)) == [False, True, True, False]


def test_people_of_a_panel_are_known_by_their_ids_alone(make_study: MakeStudy, client: Client) -> None:
    study = make_study(participant_parameters=["id"])
    welcome = reverse("volunteer_welcome", args=[study.code])
    for person in "12":  # two people, one after the other, on the same machine
        client.get(f"{welcome}?id={person}")
        client.post(reverse("volunteer_consent", args=[study.code]), {"agree": "yes"})
        answer_all(walked(client, study))
    assert list(Session.objects.values_list("again", flat=True)) == [False, False]


def walked(client: Client, study: Study) -> Session:
    for step in ("sound", "instructions", "examples"):
        client.post(reverse(f"volunteer_{step}", args=[study.code]))
    return sessions.find(client.cookies[f"earsight-{study.code}"].value)


@pytest.mark.parametrize("form", [{}, {"visit_id": ""}, {"visit_id": "1 or 1"}])
def test_a_form_without_an_id_begins_a_visit_each_time(study: Study, form: dict[str, str]) -> None:
    path = reverse("volunteer_consent", args=[study.code])
    for _ in "12":
        assert Client().post(path, {"agree": "yes"} | form).status_code == 302
    assert Session.objects.count() == 2


def test_the_same_id_in_another_study_is_another_visit(study: Study, make_study: MakeStudy) -> None:
    form = uuid4()
    assert agree(study, form) != agree(make_study(), form)


def test_a_visit_that_cannot_be_agreed_to_is_not_begun(study: Study) -> None:
    with pytest.raises(languages.NoSuchLanguage):
        agree(study, uuid4(), "tlh")
    assert not Session.objects.exists()
