"""The API: a volunteer's answers, idempotent; a researcher's results, read only."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.cache.backends import locmem
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from study.models import Event, Response, Session, Study
from tests.world import answer_all, at_first_trial, new_client_id

pytestmark = pytest.mark.django_db


def post(client: Client, path: str, content: Any) -> tuple[int, dict[str, Any]]:
    answer = client.post(path, json.dumps(content), content_type="application/json")
    return answer.status_code, json.loads(answer.content)


def sent(session: Session, position: int = 1, **changed: Any) -> dict[str, Any]:
    token = session.presentations.get(position=position).token
    return {"client_id": new_client_id(), "presentation": token, "choice": 0, "milliseconds": 900} | changed


def test_an_answer_is_acknowledged(visit: Session, client: Client) -> None:
    answer = sent(visit, choice=2)
    status, receipt = post(client, reverse("api_answer", args=[visit.token]), answer)
    assert (status, receipt) == (
        201,
        {
            "client_id": answer["client_id"],
            "presentation": answer["presentation"],
            "choice": 2,
            "created": True,
            "answered": 1,
            "total": 6,
        },
    )


def test_a_retry_gets_the_same_receipt(visit: Session, client: Client) -> None:
    path, answer = reverse("api_answer", args=[visit.token]), sent(visit)
    _, first = post(client, path, answer)
    assert post(client, path, answer) == (200, first | {"created": False})
    assert Response.objects.count() == 1


def test_a_second_answer_is_told_what_was_kept(visit: Session, client: Client) -> None:
    path = reverse("api_answer", args=[visit.token])
    post(client, path, sent(visit, choice=1))
    status, receipt = post(client, path, sent(visit, choice=2))
    assert (status, receipt["choice"], receipt["created"]) == (200, 1, False)


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"presentation": "foreign"}, 404, "ForeignTrial"),
        ({"choice": 3}, 400, "NotAnOption"),
    ],
)
def test_refusals_have_a_name_and_a_sentence(
    visit: Session, client: Client, changed: dict[str, Any], status: int, error: str
) -> None:
    got, body = post(client, reverse("api_answer", args=[visit.token]), sent(visit, **changed))
    assert (got, body["error"]) == (status, error)
    assert body["detail"].endswith(".")


@pytest.mark.parametrize(
    "changed",
    [
        {"choice": -1}, {"choice": "one"}, {"choice": None}, {"client_id": "x"}, {"client_id": "a b c d e f"},
        {"milliseconds": -5}, {"milliseconds": 10**12}, {"presentation": ""}, {"presentation": ["p"]},
    ],
)  # fmt: skip
def test_malformed_answers_are_refused(visit: Session, client: Client, changed: dict[str, Any]) -> None:
    status, body = post(client, reverse("api_answer", args=[visit.token]), sent(visit, **changed))
    assert (status, body["error"], Response.objects.count()) == (400, "Malformed", 0)
    assert body["detail"].startswith(f"{next(iter(changed))}: ")


def test_what_is_no_object_is_refused(visit: Session, client: Client) -> None:
    path = reverse("api_answer", args=[visit.token])
    nonsense: list[Any] = [[], "text", 7, None]
    for content in nonsense:
        assert post(client, path, content)[0] == 400
    assert client.post(path, "{broken", content_type="application/json").status_code == 400


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"choice": 3},
        {"choice": -1},
        {"presentation": "foreign"},
        {"events": [{"kind": "heard"}]},
        {"choice": "2"},
    ],
)
def test_the_straight_way_and_the_framework_say_the_same(
    study: Study, client: Client, changed: dict[str, Any]
) -> None:
    told = []
    for headers in ({}, {"Accept": "application/json"}):  # the second is what browsers' scripts do not send
        visit = at_first_trial(study)
        answer = {**sent(visit), "client_id": "same-for-both", **changed}
        path = reverse("api_answer", args=[visit.token])
        said = client.post(path, answer, content_type="application/json", headers=headers)
        told.append((said.status_code, said.json() | {"presentation": ""}, said["Content-Type"]))
    assert told[0] == told[1]


def test_the_straight_way_leaves_out_no_header(study: Study, client: Client) -> None:
    told = []
    for headers in ({}, {"Accept": "application/json"}):
        visit = at_first_trial(study)
        path = reverse("api_answer", args=[visit.token])
        said = client.post(path, sent(visit), content_type="application/json", headers=headers)
        told.append({name: value for name, value in said.headers.items() if name not in ("Allow", "Vary")})
        assert said.headers["Content-Length"] == str(len(said.content))
    assert told[0].pop("Cache-Control") == "no-store"
    assert told[0] == told[1]


def test_answers_and_reports_go_past_what_knows_people(
    visit: Session, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[str] = []
    monkeypatch.setattr(
        SessionMiddleware, "process_request", lambda self, request: passed.append(request.path)
    )
    assert post(client, reverse("api_answer", args=[visit.token]), sent(visit))[0] == 201
    assert post(client, reverse("api_events", args=[visit.token]), {"events": []})[0] == 200
    assert passed == []
    with pytest.raises(ImproperlyConfigured):  # all others want a session
        client.get(reverse("api_session", args=[visit.token]))
    assert passed == [reverse("api_session", args=[visit.token])]


def test_every_refusal_has_the_same_shape(visit: Session, client: Client) -> None:
    path = reverse("api_answer", args=[visit.token])
    refusals = [
        client.get(path),
        client.post(path, "a=b", content_type="text/plain"),
        client.get(reverse("api_results", args=[visit.study.pk])),
    ]
    assert [refusal.status_code for refusal in refusals] == [405, 415, 403]
    assert all(set(refusal.json()) == {"error", "detail"} for refusal in refusals)


def test_an_unknown_session_is_not_found(visit: Session, client: Client) -> None:
    for name in ("api_answer", "api_events"):
        content = sent(visit) if name == "api_answer" else {"events": []}
        assert post(client, reverse(name, args=["unknown"]), content)[0] == 404
    assert client.get(reverse("api_session", args=["unknown"])).status_code == 404


def test_an_answer_costs_a_constant_number_of_queries(
    visit: Session, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for position in (1, 6):
        answer = sent(visit, position)
        with django_assert_max_num_queries(8):  # six, and a savepoint in the test's own transaction
            post(client, reverse("api_answer", args=[visit.token]), answer)


def test_too_many_answers_are_slowed_down(visit: Session, client: Client, product: Settings) -> None:
    product.ANSWER_RATE = "3/min"
    path, answer = reverse("api_answer", args=[visit.token]), sent(visit)
    statuses = [post(client, path, answer)[0] for _ in range(5)]
    assert statuses == [201, 200, 200, 429, 429]


def test_tokens_of_no_session_leave_nothing_in_the_counts(visit: Session, client: Client) -> None:
    before = len(locmem._caches["earsight"])  # type: ignore[attr-defined]
    for name, content in (("api_answer", sent(visit)), ("api_events", {"events": []}), ("api_extend", {})):
        for number in range(3):
            assert post(client, reverse(name, args=[f"nobody-{number}"]), content)[0] == 404
    assert len(locmem._caches["earsight"]) == before  # type: ignore[attr-defined]


def test_the_state_says_where_the_session_stands(visit: Session, client: Client) -> None:
    post(client, reverse("api_answer", args=[visit.token]), sent(visit))
    state = client.get(reverse("api_session", args=[visit.token])).json()
    second, third = (visit.presentations.get(position=n) for n in (2, 3))
    assert (state["step"], state["answered"], state["total"]) == ("trial", 1, 6)
    assert state["trial"] == {
        "presentation": second.token,
        "number": 2,
        "clip": f"/media/p{second.token}.s",
        "pictures": [f"/media/p{second.token}.{place}" for place in range(3)],
        "descriptions": [],
    }
    assert state["next"]["presentation"] == third.token


def test_reading_the_state_changes_nothing(visit: Session, client: Client) -> None:
    before = list(Session.objects.values()), list(Response.objects.values())
    client.get(reverse("api_session", args=[visit.token]))
    assert (list(Session.objects.values()), list(Response.objects.values())) == before


def test_the_state_never_tells_the_truth(visit: Session, client: Client) -> None:
    told = client.get(reverse("api_session", args=[visit.token])).content.decode()
    for option in visit.stimuli.items.all():
        assert option.source_id not in told
        assert option.image_token not in told
        assert option.clip_token not in told
    assert not any(name in told for name in visit.stimuli.class_names)
    assert "truth" not in told


def event(session: Session, **changed: Any) -> dict[str, Any]:
    token = session.presentations.get(position=1).token
    return {"client_id": new_client_id(), "kind": "play", "presentation": token, "client_ms": 5} | changed


def test_events_are_stored_once(visit: Session, client: Client) -> None:
    path, events = reverse("api_events", args=[visit.token]), [event(visit), event(visit, kind="ended")]
    assert post(client, path, {"events": events}) == (200, {"stored": 2})
    assert post(client, path, {"events": [*events, event(visit, presentation="")]}) == (200, {"stored": 3})
    assert sorted(Event.objects.values_list("kind", flat=True)) == ["ended", "play", "play"]


def test_events_of_foreign_trials_and_kinds_are_refused(visit: Session, client: Client) -> None:
    path = reverse("api_events", args=[visit.token])
    foreign = event(at_first_trial(visit.study))
    assert post(client, path, {"events": [foreign]})[0] == 404
    assert post(client, path, {"events": [event(visit, kind="thought")]})[0] == 400
    assert post(client, path, {"events": [event(visit)] * 201})[0] == 400
    assert Event.objects.count() == 0


def test_results_are_those_of_the_summary(study: Study, client: Client, alice: User) -> None:
    answer_all(at_first_trial(study), right=lambda position: position <= 3)
    client.force_login(alice)
    results = client.get(reverse("api_results", args=[study.pk])).json()
    assert results["accuracy"] == 0.5


def test_answers_are_read_per_mode(study: Study, client: Client, alice: User) -> None:
    answer_all(at_first_trial(study, mode=Session.Mode.SIMULATED))
    client.force_login(alice)
    path = reverse("api_study_answers", args=[study.pk])
    assert client.get(path).json() == []
    simulated = client.get(path, {"mode": "simulated"}).json()
    assert [answer["order"] for answer in simulated] == [1, 2, 3, 4, 5, 6]
    assert client.get(path, {"mode": "all"}).status_code == 404


def test_results_without_sessions_say_so(study: Study, client: Client, alice: User) -> None:
    client.force_login(alice)
    answer = client.get(reverse("api_results", args=[study.pk]))
    assert (answer.status_code, answer.json()["error"]) == (404, "NoAnswers")


def test_results_are_read_only(study: Study, client: Client, alice: User) -> None:
    client.force_login(alice)
    for name in ("api_results", "api_study_answers"):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)(reverse(name, args=[study.pk])).status_code == 405


def test_the_schema_is_valid_and_complete() -> None:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out)
    schema = json.loads(out.getvalue())
    assert sorted(schema["paths"]) == [
        "/api/v1/sessions/{token}",
        "/api/v1/sessions/{token}/answers",
        "/api/v1/sessions/{token}/events",
        "/api/v1/sessions/{token}/extend",
        "/api/v1/studies/{id}/answers",
        "/api/v1/studies/{id}/results",
    ]
