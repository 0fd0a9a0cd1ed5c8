"""Minimum listens are held by the server, from its own log."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from study.domain import answering, events, listening, media, sessions, studies
from study.domain.events import Reported
from study.models import Event, Presentation, Response, Session, Study
from tests.world import MakeStudy, answer_all, at_first_trial, new_client_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(make_study: MakeStudy) -> Session:
    """A visit at the first trial of a study that wants two complete listens."""
    return at_first_trial(make_study(minimum_listens=2))


def first_of(session: Session) -> Presentation:
    return session.presentations.get(position=1)


def told(kind: str, shown: Presentation, seconds: float | None = 0.1) -> Reported:
    return Reported(new_client_id(), kind, shown.token, 1000, seconds)


def answer(session: Session, *reports: Reported, plain: bool = False) -> answering.Receipt:
    client_id = new_client_id()
    return answering.answer(
        session, first_of(session).token, choice=1, client_id=client_id, reports=reports, plain=plain
    )


def logged(session: Session) -> list[str]:
    return list(session.events.values_list("kind", flat=True))


def test_an_answer_without_listening_is_refused_and_says_what_to_do(visit: Session) -> None:
    with pytest.raises(listening.NotHeard) as refusal:
        answer(visit)
    assert str(refusal.value) == "Listen to the whole piece of music 2 times first, then choose."
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    "kinds", [["play", "ended"], ["play", "pause", "play", "pause"], ["shown", "hidden"]]
)
def test_too_few_complete_listens_are_refused(visit: Session, kinds: list[str]) -> None:
    events.record(visit, [told(kind, first_of(visit)) for kind in kinds])
    with pytest.raises(listening.NotHeard):
        answer(visit)


def test_enough_listens_in_the_log_let_the_answer_pass(visit: Session) -> None:
    shown = first_of(visit)
    events.record(visit, [told(kind, shown) for kind in ("play", "ended", "play", "ended")])
    assert answer(visit).created


def test_listens_that_come_with_the_answer_count_and_are_stored_with_it(visit: Session) -> None:
    shown = first_of(visit)
    events.record(visit, [told("play", shown), told("ended", shown)])
    assert answer(visit, told("play", shown), told("ended", shown)).created
    assert logged(visit) == ["play", "ended", "play", "ended"]
    assert set(visit.events.values_list("presentation", flat=True)) == {shown.pk}


def test_one_listen_told_twice_counts_once(visit: Session) -> None:
    listen = told("ended", first_of(visit))
    with pytest.raises(listening.NotHeard):
        answer(visit, listen, listen)
    assert logged(visit) == []  # nothing of a refused answer stays


def test_one_listen_told_to_the_log_and_again_with_the_answer_counts_once(visit: Session) -> None:
    listen, other = told("ended", first_of(visit)), told("ended", first_of(visit))
    events.record(visit, [listen])
    with pytest.raises(listening.NotHeard):
        answer(visit, listen)
    assert answer(visit, listen, other).created
    assert logged(visit) == ["ended", "ended"]


@pytest.mark.parametrize("seconds", [None, 0.0, 0.089])
def test_an_end_before_the_clips_end_is_no_listen(visit: Session, seconds: float | None) -> None:
    shown = first_of(visit)  # its clip sounds for 0.1 seconds
    events.record(visit, [told("ended", shown, seconds), told("ended", shown, 0.091)])
    with pytest.raises(listening.NotHeard):
        answer(visit, told("ended", shown, seconds))
    assert answer(visit, told("ended", shown, 0.091)).created


def test_every_end_counts_where_nobody_knows_how_long_the_clip_is(visit: Session) -> None:
    visit.stimuli.items.update(seconds=0)
    shown = first_of(visit)
    events.record(visit, [told("ended", shown, None)])
    assert answer(visit, told("ended", shown, None)).created


def test_listens_of_another_trial_or_visit_do_not_count(visit: Session) -> None:
    second = visit.presentations.get(position=2)
    events.record(visit, [told("ended", second), told("ended", second)])
    other = at_first_trial(visit.study)
    events.record(other, [told("ended", first_of(other)), told("ended", first_of(other))])
    with pytest.raises(listening.NotHeard):
        answer(visit)


def test_a_clip_that_did_not_load_is_let_pass_and_stays_in_the_log(visit: Session) -> None:
    assert answer(visit, told("error", first_of(visit))).created
    assert logged(visit) == ["error"]


def test_an_answer_that_is_stored_needs_no_further_listening(visit: Session) -> None:
    shown = first_of(visit)
    first = answer(visit, told("ended", shown), told("ended", shown))
    again = answering.answer(visit, shown.token, choice=1, client_id=first.response.client_id)
    other = answering.answer(visit, shown.token, choice=0, client_id=new_client_id())
    assert (again.created, other.created, other.kept) == (False, False, 1)


def test_a_study_may_ask_for_none(make_study: MakeStudy) -> None:
    assert answer(at_first_trial(make_study(minimum_listens=0))).created


def test_only_the_server_says_that_a_clip_was_fetched(visit: Session) -> None:
    with pytest.raises(events.EventInvalid):
        answer(visit, told("fetched", first_of(visit)))
    with pytest.raises(events.EventInvalid):
        events.record(visit, [told("fetched", first_of(visit))])


def test_a_page_without_script_is_believed_when_it_fetched_the_clip(visit: Session, client: Client) -> None:
    with pytest.raises(listening.NotHeard):
        answer(visit, plain=True)
    path = media.plain_clip_address(first_of(visit))
    assert client.get(path).content == client.get(media.clip_address(first_of(visit))).content
    client.get(path, headers={"range": "bytes=0-1"})
    assert logged(visit) == ["fetched"]
    with pytest.raises(listening.NotHeard):
        answer(visit)  # as a script sends it: a fetch is no listen
    assert answer(visit, plain=True).created


def test_a_clip_that_is_fetched_in_advance_or_asked_for_by_head_leaves_no_trace(
    visit: Session, client: Client
) -> None:
    client.get(media.clip_address(first_of(visit)))
    client.head(media.plain_clip_address(first_of(visit)))
    assert logged(visit) == []


def test_a_missing_clip_does_not_stop_a_page_without_script(visit: Session, client: Client) -> None:
    first_of(visit).trial.options.get(is_truth=True).stimulus.clip.delete(save=False)
    assert client.get(media.plain_clip_address(first_of(visit))).status_code == 404
    assert answer(visit, plain=True).created


def test_after_the_end_playing_again_is_not_noted(make_study: MakeStudy, client: Client) -> None:
    session = answer_all(at_first_trial(make_study()))
    client.get(media.plain_clip_address(first_of(session)))
    assert logged(session) == []


def post(client: Client, session: Session, **content: Any) -> tuple[int, dict[str, Any]]:
    body = {"client_id": new_client_id(), "presentation": first_of(session).token, "choice": 1} | content
    path = reverse("api_answer", args=[session.token])
    reply = client.post(path, json.dumps(body), content_type="application/json")
    return reply.status_code, reply.json()


def test_the_api_takes_the_log_with_the_answer(visit: Session, client: Client) -> None:
    status, refusal = post(client, visit)
    assert (status, refusal["error"]) == (409, "NotHeard")
    listens = [
        {"client_id": new_client_id(), "kind": "ended", "client_ms": 900, "seconds": 0.1} for _ in "12"
    ]
    assert post(client, visit, events=listens)[0] == 201
    assert logged(visit) == ["ended", "ended"]


@pytest.mark.parametrize(
    "wrong", ["ended", {"kind": "ended"}, [{"kind": "ended"}], [{"client_id": "12345678", "kind": "fetched"}]]
)
def test_the_api_refuses_what_is_no_log(visit: Session, client: Client, wrong: Any) -> None:
    assert post(client, visit, events=wrong)[0] == 400


def test_the_page_asks_for_listening_and_keeps_the_choice(visit: Session, client: Client) -> None:
    client.cookies[f"earsight-{visit.study.code}"] = visit.token
    path = reverse("volunteer_trial", args=[visit.study.code, 1])
    sentence = "Listen to the whole piece of music 2 times first, then choose."
    assert sentence in client.get(path).content.decode()
    form = {"presentation": first_of(visit).token, "choice": "2", "client_id": new_client_id()}
    refused = client.post(path, form)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert page.count(sentence) == 2
    assert 'id="choice-2" value="2" required checked' in page
    client.get(media.plain_clip_address(first_of(visit)))
    assert client.post(path, form).status_code == 302


def test_the_page_knows_what_was_heard_before_a_reload(visit: Session, client: Client) -> None:
    first, second = (visit.presentations.get(position=n) for n in (1, 2))
    events.record(visit, [told("ended", first), told("error", second)])
    client.cookies[f"earsight-{visit.study.code}"] = visit.token
    page = client.get(reverse("volunteer_trial", args=[visit.study.code, 1]))
    data = page.context["page_data"]
    assert data["minimum"] == 2
    assert [(row["listens"], row["failed"]) for row in data["trials"][:3]] == [
        (1, False),
        (0, True),
        (0, False),
    ]


def test_a_condition_may_ask_for_another_number(visit: Session) -> None:
    from study.models import Condition

    visit.condition = Condition(minimum_listens=0)
    assert listening.minimum_of(visit) == 0
    visit.condition = Condition(minimum_listens=None)
    assert listening.minimum_of(visit) == 2


def test_every_kind_but_the_servers_own_can_be_reported(visit: Session) -> None:
    kinds = [kind for kind in Event.Kind.values if kind != "fetched"]
    assert events.record(visit, [told(kind, first_of(visit)) for kind in kinds]) == len(kinds)


def finished(visit: Session) -> None:
    visit.study.minimum_listens = 0
    answer_all(visit)


def closed(visit: Session) -> None:
    studies.close(visit.study, by=visit.study.owner)


def expired(visit: Session) -> None:
    Session.objects.update(expires_at=timezone.now() - timedelta(minutes=21))


@pytest.mark.parametrize("end", [finished, closed, expired])
def test_nothing_is_logged_once_no_answer_is_taken(visit: Session, end: Callable[[Session], None]) -> None:
    events.record(visit, [told("play", first_of(visit))])
    end(visit)
    late = [told("ended", first_of(visit)) for _ in range(200)]
    assert events.record(sessions.find(visit.token, to_answer=True), late) == 1
    assert logged(visit) == ["play"]


def test_a_log_is_open_for_as_long_as_answers_are_taken(visit: Session) -> None:
    Session.objects.update(expires_at=timezone.now() - timedelta(minutes=19))
    assert events.record(sessions.find(visit.token, to_answer=True), [told("ended", first_of(visit))]) == 1


def test_a_log_has_an_end(visit: Session) -> None:
    shown = first_of(visit)
    plays = range(events.MOST - 2)
    Event.objects.bulk_create(Event(session=visit, kind="play", client_id=f"play-{n:04}") for n in plays)
    assert events.record(visit, [told("pause", shown) for _ in range(3)]) == events.MOST
    assert events.record(visit, [told("ended", shown)]) == events.MOST
    assert answer(visit, told("ended", shown), told("ended", shown)).created  # it brings its own


def test_researchers_say_how_often_a_clip_must_be_heard(make_study: MakeStudy, client: Client) -> None:
    draft = make_study(status="draft")
    client.force_login(draft.owner)
    path = reverse("study_sound", args=[draft.pk])
    form = {"minimum_listens": "3", "screening": "recorded", "screening_kind": "huggins"}
    for wrong in ("", "-1", "11", "two"):
        refused = client.post(path, form | {"minimum_listens": wrong})
        assert refused.status_code == 422
        assert refused.content.decode().count("Give a whole number from 0 to 10.") == 2  # summary and field
    assert client.post(path, form).status_code == 302
    changed = Study.objects.get(pk=draft.pk)
    assert (changed.minimum_listens, changed.screening, changed.screening_kind) == (3, "recorded", "huggins")
