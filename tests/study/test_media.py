"""Media: byte ranges as Safari asks for them, and nothing that pairs a clip with its picture."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from study.domain import media, option_pictures
from study.models import Presentation, Session, Stimulus, Study
from tests.world import at_first_trial

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(visit: Session) -> Presentation:
    """The first presentation of a visit."""
    return visit.presentations.get(position=1)


def content_of(stimulus: Stimulus) -> bytes:
    with stimulus.clip.open("rb") as file:
        return bytes(file.read())


def truth_of(shown: Presentation) -> Stimulus:
    return shown.trial.options.get(is_truth=True).stimulus


def test_a_clip_is_served_whole(shown: Presentation, client: Client) -> None:
    answer = client.get(media.clip_address(shown))
    assert (answer.status_code, answer.content) == (200, content_of(truth_of(shown)))
    assert (answer["Content-Type"], answer["Accept-Ranges"]) == ("audio/mpeg", "bytes")
    assert answer["Cache-Control"] == "private, max-age=86400, immutable"


def test_pictures_come_in_the_order_of_the_screen(shown: Presentation, client: Client) -> None:
    for slot, path in zip(shown.option_order, media.picture_addresses(shown), strict=True):
        with shown.trial.options.get(slot=slot).stimulus.image.open("rb") as file:
            assert client.get(path).content == file.read()


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-1", slice(0, 2)),  # Safari's first question
        ("bytes=10-19", slice(10, 20)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=5-99999999", slice(5, None)),
        ("bytes=-99999999", slice(0, None)),
    ],
)
def test_a_part_is_served(shown: Presentation, client: Client, asked: str, part: slice) -> None:
    whole = content_of(truth_of(shown))
    answer = client.get(media.clip_address(shown), headers={"range": asked})
    start, stop, _ = part.indices(len(whole))
    assert (answer.status_code, answer.content) == (206, whole[part])
    assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    assert answer["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-100000000", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(shown: Presentation, client: Client, asked: str) -> None:
    answer = client.get(media.clip_address(shown), headers={"range": asked})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer["Content-Range"] == f"bytes */{len(content_of(truth_of(shown)))}"


ENDLESS = "bytes=0-" + "9" * 5000


@pytest.mark.parametrize(
    "asked", ["bytes=5-2", "bytes=-", "bytes=0-1,4-5", "seconds=0-1", "nonsense", ENDLESS]
)
def test_what_is_no_single_range_gets_the_whole(shown: Presentation, client: Client, asked: str) -> None:
    answer = client.get(media.clip_address(shown), headers={"range": asked})
    assert (answer.status_code, answer.content) == (200, content_of(truth_of(shown)))


def test_a_file_that_has_gone_is_said(study: Study, shown: Presentation, client: Client) -> None:
    truth_of(shown).clip.delete(save=False)
    answer = client.get(media.clip_address(shown))
    assert (answer.status_code, "missing on the server" in answer.content.decode()) == (404, True)
    truth_of(shown).image.delete(save=False)
    options = shown.trial.options.order_by("slot")
    missing = [picture is None for picture in option_pictures.thumbnails(study)[shown.trial.number]]
    assert missing == [option.is_truth for option in options]
    assert option_pictures.missing_pictures(study) == [(shown.trial.number, truth_of(shown).source_id)]


def test_head_tells_the_length_and_sends_nothing(shown: Presentation, client: Client) -> None:
    answer = client.head(media.clip_address(shown))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Content-Length"] == str(len(content_of(truth_of(shown))))


def test_unknown_addresses_are_not_found(shown: Presentation, client: Client) -> None:
    token = shown.token
    for wrong in ("x", "p", f"p{token}", f"p{token}.3", f"p{token}.-1", f"p{token}.S", f"q{token}.s",
                  f"e{token}.s", f"r{token}.s", "p.s", "p..", f"p{token}.s/../x"):  # fmt: skip
        assert client.get(f"/media/{wrong}").status_code == 404


def test_a_web_server_can_serve_the_bytes(shown: Presentation, client: Client, product: Settings) -> None:
    product.ACCEL_PREFIX = "/protected/"
    answer = client.get(media.clip_address(shown))
    assert answer["X-Accel-Redirect"] == f"/protected/{truth_of(shown).clip.name}"
    assert answer.content == b""


def test_addresses_of_a_trial_tell_nothing(shown: Presentation) -> None:
    addresses = [media.clip_address(shown), *media.picture_addresses(shown)]
    assert [address.replace(shown.token, "T") for address in addresses] == [
        "/media/pT.s", "/media/pT.0", "/media/pT.1", "/media/pT.2",
    ]  # fmt: skip


def test_two_visits_see_different_addresses(visit: Session) -> None:
    other = at_first_trial(visit.study)
    ours, theirs = ({media.clip_address(row) for row in s.presentations.all()} for s in (visit, other))
    assert ours.isdisjoint(theirs)


def test_headers_of_the_right_picture_are_like_the_others(visit: Session, client: Client) -> None:
    """What varies between answers is their length alone, and no header carries a time or a digest."""
    for shown in visit.presentations.all():
        addresses = [media.clip_address(shown), *media.picture_addresses(shown)]
        headers = [dict(client.get(address).headers) for address in addresses]
        assert not any({"ETag", "Last-Modified", "Content-Disposition"} & set(each) for each in headers)
        pictures = [{k: v for k, v in each.items() if k != "Content-Length"} for each in headers[1:]]
        assert pictures == [pictures[0]] * 3


def test_files_share_no_name_time_or_text(visit: Session) -> None:
    """Even somebody who reads the storage's listing and the files' own bytes cannot pair them."""
    from django.core.files.storage import default_storage

    for stimulus in Stimulus.objects.all():
        stems = {
            re.sub(r"\..*", "", str(file.name).split("/")[-1]) for file in (stimulus.image, stimulus.clip)
        }
        assert len(stems) == 2
        for file in (stimulus.image, stimulus.clip):
            assert default_storage.get_modified_time(str(file.name)).timestamp() == 0
            with file.open("rb") as opened:
                content = opened.read()
            assert stimulus.source_id.encode() not in content
            assert b"tEXt" not in content
            assert b"tIME" not in content


def test_picture_sizes_do_not_betray_the_right_one(visit: Session) -> None:
    """Over all trials, the right picture is neither always the largest nor always the smallest file."""
    ranks = []
    for trial in visit.stimuli.trials.all():
        sizes = {option.slot: option.stimulus.image.size for option in trial.options.all()}
        truth = trial.options.get(is_truth=True).slot
        ranks.append(sorted(sizes.values()).index(sizes[truth]))
    assert len(set(ranks)) > 1
