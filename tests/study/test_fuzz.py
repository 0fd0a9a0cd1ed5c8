"""Whatever is sent to the API, no answer of it is a 5xx: requests made from its own schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from study.models import Presentation, Session
from tests.world import answer_all, at_first_trial

application = get_wsgi_application()  # in the test's own thread, which has its rows
EXAMPLES = 20  # of each operation
OPERATIONS = {
    "answer", "report_events", "extend", "session_state", "study_results", "study_answers",
}  # fmt: skip


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Let the application keep the test's connection, and with it the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_one_connection")]


@pytest.fixture
def api(visit: Session, alice: User, client: Client) -> Callable[[str, st.DataObject], Any]:
    """Send one generated request as a volunteer or a researcher who is really there."""
    schema = schemathesis.openapi.from_wsgi(reverse("api_schema"), application)
    answer_all(at_first_trial(visit.study))  # so that there are results
    client.force_login(alice)
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    token = visit.presentations.order_by("position")[0].token

    strategies = {name: schema.find_operation_by_id(name).as_strategy() for name in OPERATIONS}

    def call(operation: str, data: st.DataObject) -> Any:
        case = data.draw(strategies[operation])
        if data.draw(st.integers(0, 9)):  # mostly what exists; the rest is unknown
            known = {"token": visit.token, "id": visit.study_id}
            case.path_parameters = {name: known[name] for name in case.path_parameters}
            if isinstance(case.body, dict) and "presentation" in case.body:
                case.body["presentation"] = token
        return case.call(cookies=cookies)

    return call


def test_every_operation_is_fuzzed(visit: Session) -> None:
    schema = schemathesis.openapi.from_wsgi(reverse("api_schema"), application)
    made: Any = [operation.ok() for operation in schema.get_all_operations()]  # type: ignore[union-attr]
    assert {operation.definition.raw["operationId"] for operation in made} == OPERATIONS


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_no_request_ends_in_an_error_of_the_server(
    api: Callable[[str, st.DataObject], Any], operation: str
) -> None:
    seen = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        answer = api(operation, data)
        seen.add(answer.status_code)
        assert answer.status_code < 500, answer.text

    fuzz()
    assert seen - {404}  # it came past the address
    assert Presentation.objects.exists()


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8"])
@pytest.mark.parametrize("name", ["api_answer", "api_events"])
@pytest.mark.parametrize("deep", ["[" * 3000 + "]" * 3000, '{"events":' * 3000 + "1" + "}" * 3000])
def test_json_nested_deeply_is_refused_by_a_sentence(
    visit: Session, client: Client, name: str, kind: str, deep: str
) -> None:
    answer = client.post(reverse(name, args=[visit.token]), deep, content_type=kind)
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "ParseError", "detail": "JSON parse error - At most 500 lists and objects are read."},
    )


@pytest.mark.parametrize("value", ["[" * 490 + "]" * 490, '{"a":' * 490 + "1" + "}" * 490])
@pytest.mark.parametrize("field", ["client_id", "presentation", "choice", "milliseconds", "events"])
def test_no_field_stumbles_over_the_deepest_value_that_is_read(
    visit: Session, client: Client, field: str, value: str
) -> None:
    answer = client.post(
        reverse("api_answer", args=[visit.token]), f'{{"{field}":{value}}}', content_type="application/json"
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "Malformed")


def test_a_codec_that_is_none_for_text_is_refused(visit: Session, client: Client) -> None:
    path = reverse("api_answer", args=[visit.token])
    answer = client.generic("POST", path, b"{}", content_type="application/json; charset=hex")
    assert (answer.status_code, answer.json()["error"]) == (400, "ParseError")
