"""A visit or study deleted while a request runs, before any of its queries: a page or a sentence, no 500."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from study.domain import media, modes, sessions, steps, studies
from study.models import Session, Study
from study.web.visits import cookie_name
from tests.world import MakeStudy, answer_all, answer_some, at_first_trial, new_client_id

pytestmark = pytest.mark.django_db(transaction=True)

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


def sending_an_answer_again(session: Session) -> Ask:
    ask = sending_an_answer(session)
    ask(Client())
    return ask


def reporting_events(session: Session) -> Ask:
    token = session.presentations.get(position=1).token
    events = [
        {"client_id": new_client_id(), "kind": "play", "presentation": token},
        {"client_id": new_client_id(), "kind": "hidden"},
    ]
    return post(reverse("api_events", args=[session.token]), {"events": events})


def reporting_events_outside_trials(session: Session) -> Ask:
    events = [{"client_id": new_client_id(), "kind": "hidden"}]
    return post(reverse("api_events", args=[session.token]), {"events": events})


@pytest.mark.parametrize(
    "ask_of",
    [sending_an_answer, sending_an_answer_again, reporting_events, reporting_events_outside_trials],
)
def test_what_a_page_sends_is_stored_or_refused_in_a_sentence(
    study: Study, ask_of: Callable[[Session], Ask]
) -> None:
    found = answers(lambda: at_first_trial(study), ask_of)
    assert json.loads(found[0].content) == {"error": "NoSuchSession", "detail": GONE}
    for answer in found:
        refusal = json.loads(answer.content).get("error")
        assert (answer.status_code, refusal) in {
            (200, None),
            (201, None),
            (404, "NoSuchSession"),
            (404, "ForeignTrial"),  # the visit was there still, its trials were not
        }


def at_sound(study: Study) -> Session:
    return sessions.consent(sessions.start(study))


def after_sound(study: Study) -> Session:
    return sessions.confirm_sound(at_sound(study))


def at_examples(study: Study) -> Session:
    return steps.read_instructions(after_sound(study))


def at_practice(study: Study) -> Session:
    return sessions.finish_examples(at_examples(study))


def at_rest(study: Study) -> Session:
    session = at_first_trial(study)
    answer_some(session, 2)
    return session


def at_finish(study: Study) -> Session:
    session = answer_all(at_first_trial(study))
    Session.objects.filter(pk=session.pk).update(finished_at=None)
    return session


def at_end(study: Study) -> Session:
    return answer_all(at_first_trial(study))


def about_to_end(study: Study) -> Session:
    session = at_first_trial(study)
    Session.objects.filter(pk=session.pk).update(expires_at=timezone.now() + timedelta(minutes=5))
    return session


OPTIONS: dict[str, dict[str, object]] = {
    "headphones": {"screening": "recorded"},
    "practice": {"practice": True},
}
PAGES: dict[str, Callable[[Study], Session]] = {
    "sound": at_sound,
    "headphones": after_sound,
    "instructions": after_sound,
    "examples": at_examples,
    "practice": at_practice,
    "rest": at_rest,
    "trials/1": at_first_trial,
    "finish": at_finish,
    "thanks": at_end,
}
BUTTONS = PAGES | {"extend": about_to_end, "language": at_first_trial}
del BUTTONS["thanks"]  # there is nothing to press


@pytest.mark.parametrize("step", PAGES)
def test_a_page_that_is_opened_says_something(make_study: MakeStudy, step: str) -> None:
    """What was read before is shown; without a visit the way leads to the welcome page."""
    study = make_study(trial_count=4, **OPTIONS.get(step, {}))
    address = f"/s/{study.code}/{step}/"
    found = answers(lambda: PAGES[step](study), lambda session: lambda client: client.get(address))
    assert (found[0].status_code, found[0]["Location"]) == (302, f"/s/{study.code}/")
    assert {answer.status_code for answer in found} <= {200, 302, 404}


@pytest.mark.parametrize("step", BUTTONS)
def test_a_button_that_is_pressed_says_something(make_study: MakeStudy, step: str) -> None:
    study = make_study(trial_count=4, **OPTIONS.get(step, {}))

    def press(session: Session) -> Ask:
        form = an_answer(session) | {"language": "en"}
        return lambda client: client.post(f"/s/{study.code}/{step}/", form)

    found = answers(lambda: BUTTONS[step](study), press)
    assert {answer.status_code for answer in found} <= {302, 404}
    if step != "language":  # a choice that nobody is left to read
        assert any(GONE in html.unescape(answer.content.decode()) for answer in found)


def test_where_a_visit_stands_can_always_be_asked(study: Study) -> None:
    found = answers(
        lambda: at_first_trial(study),
        lambda session: lambda client: client.get(reverse("api_session", args=[session.token])),
    )
    assert {answer.status_code for answer in found} == {200, 404}


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
