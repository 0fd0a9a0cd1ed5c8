"""The truth cannot be found in the page: an attacker who reads everything a browser gets before the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from study.domain import answering, descriptions, media, sessions, studies
from study.models import Presentation, Session, Study
from tests.world import MakeStudy, at_first_trial, describe_all, new_client_id

pytestmark = pytest.mark.django_db


def everything_sent(client: Client, session: Session) -> str:
    """Return all text and headers of a whole visit, trial by trial, up to the last page before the score."""
    client.cookies[f"earsight-{session.study.code}"] = session.token
    sent = []
    for shown in session.presentations.all():
        for path in (
            reverse("volunteer_trial", args=[session.study.code, shown.position]),
            reverse("api_session", args=[session.token]),
        ):
            answer = client.get(path)
            assert answer.status_code == 200
            sent += [str(answer.headers), answer.content.decode()]
        for path in (media.clip_address(shown), *media.picture_addresses(shown)):
            sent.append(str(client.get(path).headers))
        answering.answer(session, shown.token, choice=0, client_id=new_client_id())
    sent.append(client.get(reverse("volunteer_finish", args=[session.study.code])).content.decode())
    return "\n".join(sent)


def test_nothing_that_names_a_stimulus_is_sent(visit: Session, client: Client) -> None:
    sent = everything_sent(client, visit)
    secrets = {*visit.stimuli.class_names, visit.stimuli.content_hash, str(visit.seed), "truth", "is_truth"}
    for item in visit.stimuli.items.all():
        secrets |= {item.source_id, item.image_token, item.clip_token, item.image_sha256, item.clip_sha256}
        secrets |= {str(item.image.name), str(item.clip.name)}
    assert [secret for secret in secrets if secret in sent] == []


def test_the_score_is_not_shown_before_the_end(visit: Session, client: Client) -> None:
    client.cookies[f"earsight-{visit.study.code}"] = visit.token
    early = client.get(reverse("volunteer_thanks", args=[visit.study.code]))
    assert early.status_code == 302
    with pytest.raises(sessions.AnswersMissing):
        sessions.score(visit)


def truth_place(shown: Presentation) -> int:
    order: list[int] = shown.option_order
    return order.index(shown.trial.options.get(is_truth=True).slot)


def sizes(shown: Presentation) -> list[int]:
    by_slot = {option.slot: option.stimulus.image.size for option in shown.trial.options.all()}
    return [by_slot[slot] for slot in shown.option_order]


def place_of(pick: Callable[[Sequence[int]], int]) -> Callable[[Presentation], int]:
    return lambda shown: sizes(shown).index(pick(sizes(shown)))


GUESSES: dict[str, Callable[[Presentation], int]] = {
    "always the first": lambda shown: 0,
    "always the last": lambda shown: 2,
    "the largest file": place_of(max),
    "the smallest file": place_of(min),
    "by the token": lambda shown: sum(shown.token.encode()) % 3,
    "by the position": lambda shown: shown.position % 3,
}


@pytest.fixture
def shown(make_study: MakeStudy) -> list[Presentation]:
    """108 presentations: three visits of a study of 36 trials."""
    study: Study = make_study(trial_count=36)
    visits = [at_first_trial(study, seed=seed) for seed in (1, 2, 3)]
    return [row for visit in visits for row in visit.presentations.select_related("trial")]


def test_guessing_from_what_is_sent_is_no_better_than_chance(shown: list[Presentation]) -> None:
    """36 right of 108 are expected, with a standard deviation of 5 (9 where only 36 trials differ)."""
    right = {name: sum(guess(row) == truth_place(row) for row in shown) for name, guess in GUESSES.items()}
    assert {name: times for name, times in right.items() if not 9 <= times <= 63} == {}


def test_truths_stand_in_every_place_about_as_often(study: Study) -> None:
    places = [
        truth_place(row)
        for seed in range(100)
        for row in sessions.start(study, seed=seed).presentations.select_related("trial")
    ]
    assert all(150 < places.count(place) < 250 for place in range(3))


def test_a_visit_by_descriptions_sends_their_words_and_nothing_that_names_a_stimulus(
    make_study: MakeStudy, alice: User, client: Client
) -> None:
    study = make_study("built", described_options=True)
    describe_all(study, alice)
    visit = at_first_trial(studies.publish(study, by=alice), described=True)
    sent = everything_sent(client, visit)
    secrets = {*visit.stimuli.class_names, "truth"}
    for item in visit.stimuli.items.all():
        secrets |= {item.source_id, str(item.image.name), str(item.clip.name)}
    assert [secret for secret in secrets if secret in sent] == []
    words = set(descriptions.of_options(visit).values())
    assert [text for text in words if text not in sent] == []
