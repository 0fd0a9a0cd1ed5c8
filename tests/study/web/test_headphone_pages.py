"""The headphone check as a volunteer's browser gets it: its pages and its sounds."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from study.domain import events, headphone_rules, headphones
from study.models import HeadphoneCheck, HeadphoneSound, Session, Study
from tests.study.test_headphones import at_check
from tests.world import MakeStudy

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["antiphase", "huggins"])
def checked(request: pytest.FixtureRequest, make_study: MakeStudy) -> Study:
    """A study that records a check of either kind."""
    return make_study(screening="recorded", screening_kind=request.param)


def visiting(make_study: MakeStudy, client: Client) -> tuple[Session, str]:
    """A visit at its check in this browser, and the address of the check."""
    session = at_check(make_study(screening="recorded"))
    client.cookies[f"earsight-{session.study.code}"] = session.token
    path = reverse("volunteer_headphones", args=[session.study.code])
    return session, path


def test_pages_of_the_check_differ_in_nothing_that_tells_the_answer(
    make_study: MakeStudy, client: Client
) -> None:
    """But for token, form secret, number, name in the log and time left all six pages are equal."""
    session, path = visiting(make_study, client)
    pages = set()
    for sound in headphones.begin(session).sounds.order_by("position"):
        page = client.get(path).content.decode()
        assert sound.token in page
        page = page.replace(sound.token, "T").replace(f"Sound {sound.position} of 6", "Sound")
        page = page.replace(f'data-mark="sound-1-{sound.position}"', "")
        pages.add(re.sub(r'csrfmiddlewaretoken" value="[^"]+"|data-seconds="\d+"', "", page))
        headphones.answer(session, sound.token, 0)
    assert len(pages) == 1


def test_the_page_says_what_is_missing(make_study: MakeStudy, client: Client) -> None:
    _, path = visiting(make_study, client)
    client.post(path, {"act": "begin"})
    token = HeadphoneSound.objects.get(position=1).token
    for form, sentence, name in (
        ({"act": "answer", "sound": token}, "Choose the first, the second or the third.", "choice"),
        (
            {"act": "answer", "sound": token, "choice": "7"},
            "Choose the first, the second or the third.",
            "choice",
        ),
        ({"act": "decline"}, "Say why you can’t do the check.", "reason"),
    ):
        reply = client.post(path, form)
        page = reply.content.decode()
        assert (reply.status_code, sentence in page) == (422, True)
        marked = re.findall(r'name="(\w+)"[^>]* aria-invalid="true" aria-describedby="problem-text"', page)
        assert marked == [name] * 3
    assert client.post(path, {"act": "answer", "sound": token, "choice": "2"})["Location"] == path
    assert client.post(path, {"act": "decline", "reason": "other"}).status_code == 302
    assert client.post(path, {"act": "decline", "reason": "mono"}).status_code == 302
    check = HeadphoneCheck.objects.get()
    assert (check.outcome, check.reason) == ("cannot", "other")


def test_a_sound_that_the_log_calls_heard_need_not_be_heard_again(
    make_study: MakeStudy, client: Client
) -> None:
    session, path = visiting(make_study, client)
    headphones.begin(session)
    events.record(
        session, [events.Reported("sound-1-2-abcdefgh", "ended"), events.Reported("x" * 20, "ended")]
    )
    assert "data-heard" not in client.get(path).content.decode()
    events.record(session, [events.Reported("sound-1-1-abcdefgh", "ended")])
    page = client.get(path).content.decode()
    assert ("data-heard" in page, 'data-mark="sound-1-1"' in page) == (True, True)


def test_a_required_check_is_announced_before_consent(make_study: MakeStudy, client: Client) -> None:
    pages = [
        client.get(reverse("volunteer_welcome", args=[make_study(screening=mode).code])).content.decode()
        for mode in ("off", "required")
    ]
    assert ["Headphones needed" in page for page in pages] == [False, True]


def test_sounds_are_lossless_and_tell_nothing_by_size_or_headers(checked: Study, client: Client) -> None:
    sounds = list(headphones.begin(at_check(checked)).sounds.all())
    replies = [client.get(reverse("headphone_sound", args=[sound.token])) for sound in sounds]
    assert {reply.status_code for reply in replies} == {200}
    assert {reply.content[:4] for reply in replies} == {b"RIFF"}
    assert len({tuple(sorted(reply.headers.items())) for reply in replies}) == 1  # the length among them
    assert replies[0]["Content-Type"] == "audio/wav"
    assert not {"ETag", "Last-Modified", "Content-Disposition"} & set(replies[0].headers)


def test_a_sound_is_the_same_every_time_and_in_parts(checked: Study, client: Client) -> None:
    token = headphones.begin(at_check(checked)).sounds.all()[0].token
    headphones._rendered.cache_clear()
    path = reverse("headphone_sound", args=[token])
    whole = client.get(path).content
    headphones._rendered.cache_clear()
    part = client.get(path, headers={"range": "bytes=44-1043"})
    assert (part.status_code, part.content) == (206, whole[44:1044])


def test_unknown_sounds_are_not_found(checked: Study, client: Client) -> None:
    for name in ("nothing", "volume-nothing", "a.b"):
        assert client.get(f"/sounds/{name}.wav").status_code == 404


@pytest.mark.parametrize("name", ["volume-antiphase", "volume-huggins", "example-huggins"])
def test_sounds_for_learning_are_open_to_all(name: str, client: Client) -> None:
    assert client.get(reverse("headphone_sound", args=[name])).content[:4] == b"RIFF"


def test_two_visits_hear_different_noises(make_study: MakeStudy) -> None:
    study = make_study(screening="recorded", screening_kind="huggins")
    mine, theirs = (headphones.begin(at_check(study, seed)).sounds.all()[0] for seed in (1, 2))
    seeds = {headphone_rules.noise_seed(seed, sound) for seed, sound in ((1, mine), (2, theirs))}
    assert len(seeds) == 2
    assert headphones.sound_file(mine.token) != headphones.sound_file(theirs.token)
