"""Rates: counted per network without keeping the network's address."""

import pytest
from django.core.cache.backends import locmem
from django.test import RequestFactory
from pytest_django import Settings

from study.errors import TooMany
from study.limits import network_of, parse_rate, refuse_flood, refuse_many_starts


def test_rates_are_read() -> None:
    assert [parse_rate(rate) for rate in ("240/min", "3/hour", "1/sec", "9/day")] == [
        (240, 60),
        (3, 3600),
        (1, 1),
        (9, 86_400),
    ]


@pytest.mark.parametrize("rate", ["", "often", "0/min", "-1/min", "3/year", "3", "1.5/min"])
def test_what_is_no_rate_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="is not a rate"):
        parse_rate(rate)


def test_one_more_than_the_rate_is_refused_and_others_are_not_touched() -> None:
    for _ in range(3):
        refuse_flood("knock", "somebody", "3/hour")
    with pytest.raises(TooMany):
        refuse_flood("knock", "somebody", "3/hour")
    refuse_flood("knock", "somebody else", "3/hour")
    refuse_flood("ring", "somebody", "3/hour")


def test_a_count_outlasts_a_crowd_of_others(product: Settings) -> None:
    refuse_flood("knock", "somebody", "1/hour")
    for number in range(2000):
        refuse_flood("knock", f"another {number}", "1/hour")
    with pytest.raises(TooMany):
        refuse_flood("knock", "somebody", "1/hour")


def test_starts_are_counted_per_network(product: Settings, rf: RequestFactory) -> None:
    product.START_RATE = "1/hour"
    refuse_many_starts(rf.post("/", REMOTE_ADDR="192.0.2.1"))
    refuse_many_starts(rf.post("/", REMOTE_ADDR="192.0.2.2"))
    with pytest.raises(TooMany):
        refuse_many_starts(rf.post("/", REMOTE_ADDR="192.0.2.1"))
    assert not any("192.0.2" in key for key in locmem._caches["earsight"])  # type: ignore[attr-defined]


def test_a_forwarded_address_counts_only_behind_a_proxy(product: Settings, rf: RequestFactory) -> None:
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": "6.6.6.6, 192.0.2.7"})
    assert network_of(request) == "10.0.0.1"
    product.BEHIND_PROXY = True
    assert network_of(request) == "192.0.2.7"
