"""A draft deleted while somebody tries it out: a page or a sentence, no 500."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from study.domain import media, modes, sessions, steps, studies
from study.models import Session, Study
from tests.study.deleting import (
    Ask,
    answers,
    reporting_events,
    sending_an_answer,
)
from tests.world import MakeStudy, at_first_trial

pytestmark = pytest.mark.django_db(transaction=True)


def opening_the_clip(session: Session) -> Ask:
    address = media.clip_address(session.presentations.get(position=1))
    return lambda client: client.get(address)


def opening_the_clip_without_script(session: Session) -> Ask:
    address = media.plain_clip_address(session.presentations.get(position=1))
    return lambda client: client.get(address)


def opening_a_picture(session: Session) -> Ask:
    address = media.picture_addresses(session.presentations.get(position=1))[0]
    return lambda client: client.get(address)


def opening_the_practice_clip(session: Session) -> Ask:
    return lambda client: client.get(media.practice_clip_address(session))


def opening_a_practice_picture(session: Session) -> Ask:
    return lambda client: client.get(media.practice_picture_addresses(session)[0])


def opening_the_practice(session: Session) -> Ask:
    address = reverse("volunteer_practice", args=[session.study.code])
    return lambda client: client.get(address)


def agreeing(session: Session) -> Ask:
    """Begin another visit: the browser remembers none."""
    form = {"agree": "yes", "key": modes.mode_key(session.study, Session.Mode.PILOT)}
    address = f"/s/{session.study.code}/consent/"
    return lambda client: Client().post(address, form)


@pytest.mark.parametrize(
    "ask_of",
    [
        sending_an_answer,
        opening_the_clip,
        opening_the_clip_without_script,
        opening_a_picture,
        agreeing,
    ],
)
def test_a_draft_deleted_under_its_pilot_is_not_found(
    make_study: MakeStudy, alice: User, ask_of: Callable[[Session], Ask]
) -> None:
    found = answers(
        lambda: at_first_trial(make_study("built"), mode=Session.Mode.PILOT),
        ask_of,
        lambda session: studies.delete(Study.objects.get(pk=session.study_id), by=alice),
    )
    statuses = [answer.status_code for answer in found]
    assert statuses[0] == 404
    assert set(statuses) <= {200, 201, 302, 404}


@pytest.mark.parametrize(
    "ask_of", [opening_the_practice, opening_the_practice_clip, opening_a_practice_picture]
)
def test_the_practice_of_a_draft_deleted_under_its_pilot_is_not_found(
    make_study: MakeStudy, alice: User, ask_of: Callable[[Session], Ask]
) -> None:
    def begin() -> Session:
        session = sessions.start(make_study("built", practice=True), mode=Session.Mode.PILOT)
        for verb in (sessions.consent, sessions.confirm_sound, steps.read_instructions):
            session = verb(session)
        return sessions.finish_examples(session)

    found = answers(
        begin, ask_of, lambda session: studies.delete(Study.objects.get(pk=session.study_id), by=alice)
    )
    assert found[0].status_code == 404
    assert {answer.status_code for answer in found} <= {200, 302, 404}


def test_a_draft_is_deleted_while_its_pilots_send(make_study: MakeStudy, alice: User) -> None:
    """In threads with connections of their own: each thing sent is stored before or refused, nothing else."""
    draft = make_study("built")
    pilots = [at_first_trial(draft, mode=Session.Mode.PILOT) for _ in range(4)]
    sending = [ask_of(pilot) for pilot in pilots for ask_of in (sending_an_answer, reporting_events)]
    barrier = threading.Barrier(len(sending) + 1)

    def at_once(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(sending) + 1) as pool:
        sent = [pool.submit(at_once, partial(ask, Client())) for ask in sending]
        pool.submit(at_once, partial(studies.delete, draft, by=alice)).result()
        statuses = {future.result().status_code for future in sent}
    assert statuses <= {200, 201, 404}
    assert (Study.objects.count(), Session.objects.count()) == (0, 0)
