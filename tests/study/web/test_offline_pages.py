"""The page for a reload without a connection, and the worker that keeps it, as plain requests."""

from __future__ import annotations

import json
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from study.domain import studies, texts
from study.models import Session, Study
from study.web.visits import cookie_name
from tests.world import MakeStudy, answer_all, at_first_trial

pytestmark = pytest.mark.django_db


def kept(answer: object) -> dict[str, object]:
    """What the worker of this answer keeps, and under which name."""
    content = answer.content.decode()  # type: ignore[attr-defined]
    told = re.search(r"= (\{.*\});", content)
    assert told
    found: dict[str, object] = json.loads(told[1])
    return found


def body(session: Session, path: str) -> str:
    """The opening tag of the body of a page of this visit."""
    client = Client()
    client.cookies[cookie_name(session.study.code)] = session.token
    page = client.get(f"/s/{session.study.code}/{path}").content.decode()
    found = re.search(r"<body[^>]*>", page)
    assert found
    return found[0]


def test_the_worker_keeps_one_page_with_its_style_and_script(study: Study, client: Client) -> None:
    answer = client.get(f"/s/{study.code}/worker.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    policy = answer["Content-Security-Policy"].split("; ")
    assert sorted(policy) == ["connect-src 'self'", "default-src 'none'"]
    assert answer["Cache-Control"] == "private, max-age=86400"
    told = kept(answer)
    assert told["page"] == f"/s/{study.code}/offline/?language=en"
    assert told["files"] == [
        "/static/study/css/base.css", "/static/study/css/volunteer.css", "/static/study/js/offline.js",
    ]  # fmt: skip
    page = client.get(str(told["page"]))
    assert page.status_code == 200
    linked = re.findall(r'(?:href|src)="([^"]+\.(?:css|js))"', page.content.decode())
    assert linked == told["files"]


def test_another_text_is_another_worker(make_study: MakeStudy, alice: User, client: Client) -> None:
    draft = make_study("built")
    texts.translate(draft, "de", {source.name: "Übersetzt" for source in texts.sources(draft)}, by=alice)
    study = studies.publish(draft, by=alice)
    address = f"/s/{study.code}/worker.js"
    english, german = kept(client.get(address)), kept(client.get(f"{address}?language=de"))
    assert english == kept(client.get(f"{address}?language=xx"))
    assert english["prefix"] == german["prefix"]
    assert english["name"] != german["name"]
    page = client.get(str(german["page"])).content.decode()
    assert "Keine Verbindung" in page
    assert "Übersetzt" in page


def test_pages_of_a_visit_call_it_and_the_last_ones_send_it_away(study: Study) -> None:
    visit = at_first_trial(study)
    worker = f'data-worker="/s/{study.code}/worker.js?language=en"'
    assert worker in body(visit, "trials/1/")
    assert "data-over" not in body(visit, "trials/1/")
    answer_all(visit)
    assert f"{worker} data-over" in body(visit, "thanks/")
    assert "data-over" in body(visit, "withdrawn/")
    assert "data-worker" not in body(Session(study=study), "")


@pytest.mark.parametrize("path", ["offline/", "worker.js"])
def test_no_study_has_neither(client: Client, path: str) -> None:
    assert client.get(f"/s/nowhere/{path}").status_code == 404
