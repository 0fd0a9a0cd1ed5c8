"""No signal of what a browser fetches tells the truth; a planted one is found."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from django.test import Client

from benchmarks.signals import Fetched, Seen, tried
from benchmarks.walks import everything

PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
    b"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"
)


def fetched(chance: random.Random, *, more: int = 0) -> Fetched:
    return Fetched(200, {}, PICTURE + bytes(chance.randrange(50) + more), chance.random())


def made_up(*, planted: int = 0) -> list[Seen]:
    """300 presentations of 100 trials; the source's file is `planted` bytes longer than chance makes it."""
    chance = random.Random(1)
    rows = []
    for number in range(300):
        truth, chosen = chance.randrange(3), chance.randrange(3)
        pictures = [fetched(chance, more=planted if place == truth else 0) for place in range(3)]
        same = ("",) * 3
        seen = Seen(
            f"{number % 100}", truth, number, f"{number}", fetched(chance), tuple(pictures), same, same
        )
        rows.append(replace(seen, receipt=fetched(chance), chosen=chosen))
    return rows


def leaking(every: list[Seen]) -> list[str]:
    return sorted(row.name for row in tried(every) if row.leaks)


def test_what_tells_nothing_is_not_suspected() -> None:
    assert leaking(made_up()) == []


def test_a_longer_file_is_found() -> None:
    assert {"learned from all together", "size: largest"} <= {*leaking(made_up(planted=20))}


def test_a_receipt_that_tells_is_found() -> None:
    told = [
        replace(
            seen, receipt=replace(seen.receipt, seconds=seen.receipt.seconds + (seen.truth == seen.chosen))
        )
        for seen in made_up()
        if seen.receipt
    ]
    assert leaking(told) == ["receipt's time"]


def test_a_constant_place_is_found() -> None:
    assert "the middle" in leaking([replace(seen, truth=1) for seen in made_up()])


@pytest.mark.django_db
@pytest.mark.usefixtures("product")
def test_the_product_tells_nothing(client: Client) -> None:
    def fetch(path: str, cookie: str, body: bytes | None = None) -> Fetched:
        headers = {"cookie": cookie}
        if body is None:
            answer = client.get(path, headers=headers)
        else:
            answer = client.post(path, body, content_type="application/json", headers=headers)
        return Fetched(answer.status_code, dict(answer.headers), answer.content, 0.0)

    seen = everything(fetch, visits=3, trials=6)
    assert {len(one.pictures) for one in seen} == {0, 3}
    # Chance suspects a signal in one run of a hundred; what leaks does so every time.
    suspects = leaking(seen)
    assert not suspects or set(suspects).isdisjoint(leaking(everything(fetch, visits=3, trials=6)))
