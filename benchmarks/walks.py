"""Visits of every kind, of which everything is kept that a browser can fetch. See `benchmarks.leaks`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from benchmarks.signals import Fetched, Seen
from study.domain import (
    building,
    conditions,
    headphone_rules,
    headphones,
    media,
    practice,
    sessions,
    steps,
    studies,
)
from study.models import Build, Presentation, Session, Study
from tests.world import describe_all, give_stimuli, new_client_id

Fetch = Callable[..., Fetched]
PLAIN = {"consent_text": "I agree.", "minimum_listens": 0, "rest_half_way": False, "examples_per_class": 2,
         "organiser": "The Listening Lab", "contact": "lab@example.org"}  # fmt: skip
KINDS: tuple[dict[str, Any], ...] = (
    {},
    {"practice": True},
    {"screening": "recorded", "practice": True},
    {"described_options": True},
    {"conditions": ({}, {"music": "exchanged"})},
)
# Of a model's own pictures and music: other digits in each study, or they would ask about the same pictures.
DIGITS: tuple[dict[str, Any], ...] = (
    {"chosen_classes": ["0", "1", "7"]},
    {"chosen_classes": ["2", "6", "9"], "practice": True},
    {"chosen_classes": ["3", "4", "8"], "practice": True},
    {"chosen_classes": ["0", "5", "9"], "conditions": ({}, {"music": "exchanged"})},
)


def everything(fetch: Fetch, *, visits: int, trials: int, real: bool = False) -> list[Seen]:
    """Return every presentation of so many visits to a study of each kind.

    Pictures are noise and clips are tones; where `real`, digits and what the shipped model plays for them.
    """
    owner, _ = User.objects.get_or_create(username="leaks")
    found = []
    for seed, kind in enumerate(DIGITS if real else KINDS):
        study = _study(owner, kind | {"seed": seed + 1, "trial_count": trials}, real=real)
        for number in range(visits):
            described = study.described_options and number % 2 == 0
            found += list(_visit(fetch, sessions.start(study, described=described)))
    return found


def _study(owner: User, wanted: dict[str, Any], *, real: bool) -> Study:
    arms = wanted.pop("conditions", ())
    study = studies.create(by=owner, configuration={"title": "Leaks", **PLAIN, **wanted})
    for place, arm in enumerate(arms):
        conditions.add(study, by=owner, configuration={"name": f"Arm {place}"} | arm)
    if real:
        _build(study, owner)
    else:
        give_stimuli(study, owner)
    if study.described_options:
        describe_all(study, owner)
    return studies.publish(study, by=owner)


def _build(study: Study, owner: User) -> None:
    build = building.run(building.request(study, by=owner).pk)
    assert build is not None
    assert build.status == Build.Status.DONE, build.error
    study.refresh_from_db()


def _visit(fetch: Fetch, session: Session) -> Iterator[Seen]:
    cookie = f"earsight-{session.study.code}={session.token}"
    for verb in (sessions.consent, sessions.confirm_sound):
        session = verb(session)
    if session.study.screening != "off":
        yield from _sounds(fetch, session, cookie)
    session = sessions.finish_examples(steps.read_instructions(session))
    if session.study.practice:
        yield _practised(fetch, session, cookie)
        session = steps.finish_practice(session)
    for shown in session.presentations.select_related("trial").order_by("position"):
        yield _presented(fetch, session, shown, cookie)


def _sounds(fetch: Fetch, session: Session, cookie: str) -> Iterator[Seen]:
    check = headphones.begin(session)
    target = headphone_rules.RULES[check.kind].target
    for sound in check.sounds.order_by("position"):
        page = fetch(reverse("volunteer_headphones", args=[session.study.code]), cookie)
        assert page.status == 200
        heard = fetch(reverse("headphone_sound", args=[sound.token]), cookie)
        truth = sound.layout.index(target)
        # Visits share the files of a layout, so its sounds are one trial.
        yield Seen(f"sound {sound.layout}", truth, sound.position, sound.token, heard)
        headphones.answer(session, sound.token, sound.pk % 3)


def _practised(fetch: Fetch, session: Session, cookie: str) -> Seen:
    page = fetch(reverse("volunteer_practice", args=[session.study.code]), cookie)
    assert page.status == 200
    addresses = media.practice_picture_addresses(session)
    return Seen(
        trial=f"practice {session.pk}",
        truth=practice.of_session(session).truth,
        number=0,
        token=session.token,
        clip=fetch(media.practice_clip_address(session), cookie),
        pictures=tuple(fetch(address, cookie) for address in addresses),
        words=("",) * len(addresses),
        markup=markup(page.body.decode()),
    )


def _presented(fetch: Fetch, session: Session, shown: Presentation, cookie: str) -> Seen:
    page = fetch(reverse("volunteer_trial", args=[session.study.code, shown.position]), cookie)
    state = fetch(reverse("api_session", args=[session.token]), cookie)
    assert (page.status, state.status) == (200, 200)
    told = json.loads(state.body)["trial"]
    clip, pictures = fetch(told["clip"], cookie), tuple(fetch(path, cookie) for path in told["pictures"])
    truth = shown.trial.options.get(is_truth=True).slot
    chosen = (shown.position + shown.pk) % 3
    answer = {"client_id": new_client_id(), "presentation": shown.token, "choice": chosen}
    receipt = fetch(reverse("api_answer", args=[session.token]), cookie, json.dumps(answer).encode())
    assert receipt.status == 201, receipt.body
    return Seen(
        trial=f"{session.stimuli_id}/{shown.trial.number}",
        truth=shown.option_order.index(truth),
        number=shown.position,
        token=shown.token,
        clip=clip,
        pictures=pictures,
        words=tuple(told["descriptions"]) or ("", "", ""),
        markup=markup(page.body.decode()),
        receipt=receipt,
        chosen=chosen,
    )


def markup(page: str) -> tuple[str, ...]:
    """Return the markup of each picture that can be chosen, without what must differ: letter and address."""
    parts = re.split(r"<(?:div|label|li)[^>]*data-option[^>]*>", page)[1:]
    return tuple(_Skeleton(part).text for part in parts) or ("", "", "")


class _Skeleton(HTMLParser):
    """The tags of an option with the names of their attributes and the lengths of the values."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.text, self._over = "", False
        self.feed(part)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"button", "p", "script"}:
            self._over = True
        if not self._over:
            self.text += tag + ",".join(f"{name}={len(value or '')}" for name, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        self._over = self._over or tag == "label"
