"""Volunteers' requests take turns within a process; nobody waits for a slow line or for other pages."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable, Iterator
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


class Told:
    """A response that notes in which thread it is read and ended."""

    def __init__(self, streaming: bool, broken: bool = False) -> None:
        self.streaming, self.broken = streaming, broken
        self.threads: list[str] = []

    def __iter__(self) -> Iterator[bytes]:
        self.threads.append(threading.current_thread().name)
        if self.broken:
            raise ValueError("half a page")
        return iter([b"one ", b"page"])

    def close(self) -> None:
        self.threads.append(threading.current_thread().name)


def test_one_thread_begins_and_ends_all_responses() -> None:
    made: list[Told] = []
    began: list[str] = []

    def application(environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        began.append(threading.current_thread().name)
        made.append(Told(streaming=False))
        return made[-1]

    turns = Turns(application)
    assert [turns(request("/s/abc/"), lambda *_: None) for _ in range(3)] == [[b"one page"]] * 3
    assert {*began, *(name for one in made for name in one.threads)} == {"turns_0"}
    assert [len(one.threads) for one in made] == [2, 2, 2]


def test_a_response_that_breaks_off_is_ended() -> None:
    told = Told(streaming=False, broken=True)
    with pytest.raises(ValueError, match="half a page"):
        Turns(lambda *_: told)(request("/s/abc/"), lambda *_: None)
    assert told.threads == ["turns_0", "turns_0"]


def test_a_stream_is_left_to_the_line() -> None:
    told = Told(streaming=True)
    assert Turns(lambda *_: told)(request("/s/abc/"), lambda *_: None) is told
    assert told.threads == []
