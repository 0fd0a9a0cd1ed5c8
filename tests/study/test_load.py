"""What an answer costs the database, whatever the study's size and however far the visit is."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from study.models import Session
from tests.world import MakeStudy, answer_some, at_first_trial, new_client_id

pytestmark = pytest.mark.django_db


def queries_of_an_answer(visit: Session, client: Client, **also: Any) -> int:
    """Answer the next trial as the page's script does; return how many statements read or wrote rows."""
    shown = visit.presentations.filter(response__isnull=True).order_by("position")[0]
    answer = {"client_id": new_client_id(), "presentation": shown.token, "choice": 0} | also
    with CaptureQueriesContext(
        connection,
    ) as asked:
        stored = client.post(
            reverse("api_answer", args=[visit.token]), answer, content_type="application/json"
        )
    assert stored.status_code == 201
    return sum(query["sql"].startswith(("SELECT", "INSERT", "UPDATE", "DELETE")) for query in asked)


@pytest.mark.parametrize("trials", [6, 20])
def test_an_answer_takes_five_queries_anywhere_in_any_study(
    make_study: MakeStudy, client: Client, trials: int
) -> None:
    visit = at_first_trial(make_study(trial_count=trials))
    first = queries_of_an_answer(visit, client)
    answer_some(visit, trials - 2)
    assert (first, queries_of_an_answer(visit, client)) == (5, 5)


@pytest.mark.parametrize("times", [1, 30])
def test_what_was_heard_travels_along_in_one_more(make_study: MakeStudy, client: Client, times: int) -> None:
    visit = at_first_trial(make_study(minimum_listens=1))
    kinds = ("shown", *("play", "pause") * times, "ended")
    heard = [{"client_id": new_client_id(), "kind": kind, "seconds": 0.1} for kind in kinds]
    assert queries_of_an_answer(visit, client, events=heard) == 6
