"""A visit or study deleted while a request runs, before any of its queries: a page or a sentence, no 500."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from study.domain import sessions, steps
from study.models import Session, Study
from tests.study.deleting import (
    GONE,
    Ask,
    an_answer,
    answers,
    post,
    reporting_events,
    sending_an_answer,
)
from tests.world import MakeStudy, answer_all, answer_some, at_first_trial, new_client_id

pytestmark = pytest.mark.django_db(transaction=True)


def sending_an_answer_again(session: Session) -> Ask:
    ask = sending_an_answer(session)
    ask(Client())
    return ask


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
