"""Asking a web site that is slow, busy, broken or gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler

import pytest

from synvae_core.data.polite import Getter, Manners, Stopped, Unavailable, retry_after
from tests.synvae_core.data.served import Answer, Site, send, serve

FAST = Manners(a_second=10_000, first_wait_s=0, tries=3, timeout_s=10, longest_s=20, most_megabytes=0.5)


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


def getter(**manners: object) -> Getter:
    return Getter(FAST.model_copy(update=manners), threading.Event())


def after(failures: int, failing: Answer) -> Answer:
    """An answer that fails so many times first."""
    left = [failures]

    def answer(handler: BaseHTTPRequestHandler) -> None:
        left[0] -= 1
        if left[0] >= 0:
            failing(handler)
        else:
            send(handler, 200, b"at last")

    return answer


def cut_short(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, b"half", Content_Length="8")
    handler.close_connection = True


def cut_chunk(handler: BaseHTTPRequestHandler) -> None:
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"8\r\nhalf")
    handler.close_connection = True


def hung_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.3)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(20):
        handler.wfile.write(b"x")
        time.sleep(0.05)


def test_a_file_is_got_whole_and_the_asker_gives_a_name(site: Site) -> None:
    site.files["/a"] = bytes(range(256)) * 1000
    assert getter(user_agent="me@example.org").get(f"{site.address}/a") == site.files["/a"]
    assert site.agents == {"me@example.org"}


@pytest.mark.parametrize(
    ("failing", "reason"),
    [
        (cut_short, "it was cut short, 4 bytes before its end"),
        (cut_chunk, "IncompleteRead"),
        (hung_up, "Remote end closed connection|Connection reset"),
        (silent, "timed out"),
        (lambda handler: send(handler, 429), "429 Too Many Requests"),
        (lambda handler: send(handler, 503), "503 Service Unavailable"),
        (lambda handler: send(handler, 500), "500 Internal Server Error"),
    ],
)
def test_what_may_pass_is_tried_again_and_told_when_it_does_not(
    site: Site, failing: Answer, reason: str
) -> None:
    site.answers["/a"] = after(1, failing)
    timeout_s = 1 if failing is silent else 10
    assert getter(timeout_s=timeout_s).get(f"{site.address}/a") == b"at last"
    site.answers["/b"] = failing
    with pytest.raises(Unavailable, match=f"({reason}).*, 2 times") as caught:
        getter(tries=2, timeout_s=timeout_s).get(f"{site.address}/b")
    assert not caught.value.for_good
    assert site.asked["/b"] == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_what_is_gone_for_good_is_asked_for_once(site: Site, status: int) -> None:
    site.answers["/a"] = lambda handler: send(handler, status)
    with pytest.raises(Unavailable, match=f"^{status} ") as caught:
        getter().get(f"{site.address}/a")
    assert caught.value.for_good
    assert site.asked["/a"] == 1


def test_a_drip_is_given_up_after_a_while(site: Site) -> None:
    site.answers["/a"] = dripping
    with pytest.raises(Unavailable, match=r"not all of it came in 0\.3 s, 1 times"):
        getter(longest_s=0.3, tries=1).get(f"{site.address}/a")


def test_a_file_that_is_too_large_is_not_read_to_its_end(site: Site) -> None:
    site.files["/a"] = b"x" * 600_000
    with pytest.raises(Unavailable, match=r"more than 0\.5 MB") as caught:
        getter().get(f"{site.address}/a")
    assert caught.value.for_good


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "ftp://x/y", "", "img/1.jpg", "http://[x/y", "http://a b/c"]
)
def test_other_addresses_are_never_opened(address: str) -> None:
    with pytest.raises(Unavailable, match="address") as caught:
        getter().get(address)
    assert caught.value.for_good


def test_a_host_that_does_not_exist_is_told() -> None:
    with pytest.raises(Unavailable, match="refused, 3 times"):
        getter().get("http://127.0.0.1:9/a.jpg")


def test_a_busy_site_is_left_alone_by_all_for_as_long_as_it_asks(site: Site) -> None:
    times: list[float] = []

    def busy(handler: BaseHTTPRequestHandler) -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            send(handler, 429, Retry_After="1")
        else:
            send(handler, 200, b"at last")

    site.answers["/a"] = busy
    asking = getter()
    assert asking.get(f"{site.address}/a") == b"at last"
    assert times[1] - times[0] >= 0.95
    times.clear()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(asking.get, f"{site.address}/a")
        while not times:
            time.sleep(0.01)
        time.sleep(0.2)  # the answer has come, and with it the wish
        second = pool.submit(asking.get, f"{site.address}/a")
        assert (first.result(), second.result()) == (b"at last", b"at last")
    assert times[1] - times[0] >= 0.95


def test_requests_keep_the_common_pace(site: Site) -> None:
    site.files["/a"] = b"x"
    asking = getter(a_second=20)
    started = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(asking.get, [f"{site.address}/a"] * 9))
    assert time.monotonic() - started >= 8 / 20


def test_the_wait_doubles(site: Site) -> None:
    times: list[float] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        times.append(time.monotonic())
        send(handler, 500)

    site.answers["/a"] = answer
    with pytest.raises(Unavailable):
        getter(first_wait_s=0.1).get(f"{site.address}/a")
    first, second = times[1] - times[0], times[2] - times[1]
    assert first >= 0.05
    assert second >= 0.1


def test_whoever_waits_is_stopped_at_once() -> None:
    stopped = threading.Event()
    asking = Getter(FAST.model_copy(update={"a_second": 0.01}), stopped)
    threading.Timer(0.2, stopped.set).start()
    started = time.monotonic()
    with pytest.raises(Stopped):  # the second try would come in 100 seconds
        asking.get("http://127.0.0.1:9/a")
    assert time.monotonic() - started < 5


def test_retry_after_is_seconds_or_a_date() -> None:
    def asked(value: str | None) -> float | None:
        headers = Message()
        if value is not None:
            headers["Retry-After"] = value
        return retry_after(headers)

    assert asked("120") == 120
    soon = asked(format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True))
    assert soon == pytest.approx(60, abs=3)
    assert asked("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert asked("Wed, 21 Oct 2015 07:28:00") == 0
    assert [asked(value) for value in (None, "", "soon", "-5", "1.5")] == [None] * 5
    assert retry_after(None) is None
