"""Volunteers' requests take turns within a process; nobody waits for a slow line or for other pages."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from study.turns import LARGEST, Turns


class Busy:
    """An application that tells how many of its requests were at work together."""

    def __init__(self, together: int) -> None:
        self.barrier = threading.Barrier(together, timeout=0.5)
        self.bodies: list[bytes] = []

    def __call__(self, environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.bodies.append(environment["wsgi.input"].read())
        try:
            self.barrier.wait()
        except threading.BrokenBarrierError:
            return [b"alone"]
        return [b"together"]


class SlowLine(io.BytesIO):
    """What is sent arrives only after `arrived` is set."""

    def __init__(self, content: bytes, arrived: threading.Event) -> None:
        super().__init__(content)
        self.arrived = arrived

    def read(self, size: int | None = -1) -> bytes:
        assert self.arrived.wait(5)
        return super().read(size)


def request(path: str, body: bytes = b"", line: io.BytesIO | None = None) -> dict[str, Any]:
    return {"PATH_INFO": path, "CONTENT_LENGTH": str(len(body)), "wsgi.input": line or io.BytesIO(body)}


def all_at_once(application: Turns, requests: list[dict[str, Any]]) -> list[bytes]:
    told: list[bytes] = []

    def ask(environment: dict[str, Any]) -> None:
        told.extend(application(environment, lambda *_: None))

    threads = [threading.Thread(target=ask, args=(each,)) for each in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    return told


@pytest.mark.parametrize("path", ["/s/abc/trials/1/", "/api/v1/sessions/token/answers"])
def test_volunteers_take_turns(path: str) -> None:
    assert all_at_once(Turns(Busy(2)), [request(path), request(path)]) == [b"alone", b"alone"]


@pytest.mark.parametrize("path", ["/studies/1/results/", "/media/x.mp3", "/api/v1/studies/1/results"])
def test_other_pages_do_not(path: str) -> None:
    assert all_at_once(Turns(Busy(2)), [request(path), request(path)]) == [b"together", b"together"]


def test_a_slow_line_holds_no_turn() -> None:
    application, arrived = Busy(1), threading.Event()
    turns = Turns(application)
    slow = threading.Thread(
        target=turns, args=(request("/s/abc/", b"slow", SlowLine(b"slow", arrived)), lambda *_: None)
    )
    slow.start()
    assert list(turns(request("/s/abc/", b"quick"), lambda *_: None)) == [b"together"]
    arrived.set()
    slow.join(5)
    assert application.bodies == [b"quick", b"slow"]


def test_whoever_sends_too_much_waits_for_nobody_and_is_read_by_the_application() -> None:
    body = b"x" * (LARGEST + 1)
    application = Busy(2)
    told = all_at_once(Turns(application), [request("/s/abc/", body), request("/s/abc/", body)])
    assert told == [b"together", b"together"]
    assert application.bodies == [body, body]


def test_an_error_gives_the_turn_back() -> None:
    def broken(environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        raise ValueError(environment["PATH_INFO"])

    turns = Turns(broken)
    for _ in range(2):
        with pytest.raises(ValueError, match="/s/abc/"):
            turns(request("/s/abc/"), lambda *_: None)
