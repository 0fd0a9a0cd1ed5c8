"""The page for a reload without a connection, and the worker that keeps it, as plain requests."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from study.domain import languages, studies, texts
from study.models import Session, Study
from study.web.visits import cookie_name
from tests.world import MakeStudy, answer_all, at_first_trial

pytestmark = pytest.mark.django_db


def body(session: Session, path: str) -> str:
    """The opening tag of the body of a page of this visit."""
    client = Client()
    client.cookies[cookie_name(session.study.code)] = session.token
    page = client.get(f"/s/{session.study.code}/{path}").content.decode()
    found = re.search(r"<body[^>]*>", page)
    assert found
    return found[0]


def kept(tag: str) -> list[str]:
    """The addresses of the page and of the files that a page of a visit keeps."""
    found = re.search(r'data-kept="([^"]+)"', tag)
    assert found
    return html.unescape(found[1]).split(" ")


def test_the_worker_may_fetch_from_this_site_and_nothing_else(study: Study, client: Client) -> None:
    answer = client.get(f"/s/{study.code}/worker.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    policy = answer["Content-Security-Policy"].split("; ")
    assert sorted(policy) == ["connect-src 'self'", "default-src 'none'"]
    assert answer["Cache-Control"] == "private, max-age=86400"


def test_a_visit_keeps_one_page_with_its_style_and_script(study: Study, client: Client) -> None:
    address, *files = kept(body(at_first_trial(study), "trials/1/"))
    page = client.get(address)
    assert page.status_code == 200
    assert page["Cache-Control"] == "private, max-age=86400"
    assert "No connection" in page.content.decode()
    assert files == re.findall(r'(?:href|src)="([^"]+\.(?:css|js))"', page.content.decode())


def test_a_visit_keeps_the_page_in_its_language(make_study: MakeStudy, alice: User, client: Client) -> None:
    draft = make_study("built")
    texts.translate(draft, "de", {source.name: "Übersetzt" for source in texts.sources(draft)}, by=alice)
    visit = languages.choose(at_first_trial(studies.publish(draft, by=alice)), "de")
    page = client.get(kept(body(visit, "trials/1/"))[0]).content.decode()
    assert "Keine Verbindung" in page
    assert "Übersetzt" in page


def test_pages_of_a_visit_call_it_and_the_last_ones_send_it_away(study: Study) -> None:
    visit = at_first_trial(study)
    worker = f'data-worker="/s/{study.code}/worker.js"'
    assert worker in body(visit, "trials/1/")
    assert "data-over" not in body(visit, "trials/1/")
    answer_all(visit)
    assert worker in body(visit, "thanks/")
    assert "data-over" in body(visit, "thanks/")
    assert "data-over" in body(visit, "withdrawn/")
    assert "data-worker" not in body(Session(study=study), "")


@pytest.mark.parametrize("path", ["offline/", "worker.js"])
def test_no_study_has_neither(client: Client, path: str) -> None:
    assert client.get(f"/s/nowhere/{path}").status_code == 404
