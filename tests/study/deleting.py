"""A visit or study that is deleted while a request runs, before any of its queries."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from study.domain import sessions
from study.models import Session
from study.web.visits import cookie_name
from tests.world import new_client_id

Ask = Callable[[Client], Any]
GONE = str(sessions.NoSuchSession())


class Deletion:
    """Happens before a query, when so many have been skipped; a transaction keeps it out until it ends."""

    def __init__(self, delete: Callable[[], object], skipped: int) -> None:
        self.delete, self.left, self.done = delete, skipped, False

    def watch(self, execute: Callable[..., Any], *query: Any) -> Any:
        """Delete, as another process might, and go on with the query."""
        if not self.done and not connection.in_atomic_block:
            self.done, self.left = self.left == 0, self.left - 1
            if self.done:
                self.delete()
        return execute(*query)


def forget(session: Session) -> None:
    """Delete the visit alone."""
    Session.objects.filter(pk=session.pk).delete()


def answers(
    begin: Callable[[], Session],
    ask_of: Callable[[Session], Ask],
    delete: Callable[[Session], object] = forget,
) -> list[HttpResponse]:
    """Ask again and again, each time of a new session that is deleted one query later."""
    seen: list[HttpResponse] = []
    while True:
        session, client = begin(), Client()
        client.cookies[cookie_name(session.study.code)] = session.token
        ask = ask_of(session)
        deletion = Deletion(partial(delete, session), len(seen))
        with connection.execute_wrapper(deletion.watch):
            answer = ask(client)
        if not deletion.done:
            return seen
        assert not Session.objects.filter(pk=session.pk).exists()
        connection.check_constraints()
        seen.append(answer)


def post(path: str, content: dict[str, object]) -> Ask:
    return lambda client: client.post(path, json.dumps(content), content_type="application/json")


def an_answer(session: Session) -> dict[str, object]:
    token = session.presentations.get(position=1).token
    return {"client_id": new_client_id(), "presentation": token, "choice": 0}


def sending_an_answer(session: Session) -> Ask:
    return post(reverse("api_answer", args=[session.token]), an_answer(session))


def reporting_events(session: Session) -> Ask:
    token = session.presentations.get(position=1).token
    events = [
        {"client_id": new_client_id(), "kind": "play", "presentation": token},
        {"client_id": new_client_id(), "kind": "hidden"},
    ]
    return post(reverse("api_events", args=[session.token]), {"events": events})
