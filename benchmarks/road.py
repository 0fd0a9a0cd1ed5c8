"""Processor time of each request of a volunteer's road, in this process, with no line and no server between.

    .venv/bin/python -m benchmarks.road
    .venv/bin/python -m benchmarks.road --participants 30 --profile road.pstats

The road is that of `benchmarks.load`. A request's time is that of the thread that answers it: of the
application alone, down to the disk. `--profile` also writes where the time goes, for `python -m pstats`; the
profiler makes everything three times slower.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.client import HTTPMessage
from typing import Any

from benchmarks.load import Participant
from benchmarks.site import HOST, prepared, published

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
PLACE = re.compile(r"/(?:s/[^/]+|api/v1/sessions/[^/]+)/?([a-z]*)")


@dataclass
class Clock:
    """What each kind of request has taken, in seconds."""

    application: Application
    profiler: cProfile.Profile | None = None
    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def answer(self, kind: str, environment: dict[str, Any]) -> tuple[int, HTTPMessage, bytes]:
        """Let the application answer a request; note what that took."""
        told: list[Any] = []
        started = time.thread_time()
        if self.profiler:
            self.profiler.enable()
        parts = self.application(environment, lambda *status_and_headers: told.extend(status_and_headers))
        content = b"".join(parts)
        getattr(parts, "close", lambda: None)()  # ends the request, as a server does
        if self.profiler:
            self.profiler.disable()
        self.taken[kind].append(time.thread_time() - started)
        headers = HTTPMessage()
        for name, value in told[1]:
            headers[name] = value
        return int(told[0][:3]), headers, content


@dataclass
class Direct(Participant):
    """A participant who calls the application itself."""

    clock: Clock = field(kw_only=True)

    def _send(self, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, HTTPMessage, bytes]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        environment = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SCRIPT_NAME": "",
            "SERVER_NAME": HOST, "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": HOST,
            "HTTP_HOST": HOST, "HTTP_COOKIE": cookies, "CONTENT_TYPE": kind if body else "",
            "CONTENT_LENGTH": str(len(body or b"")), "wsgi.input": io.BytesIO(body or b""),
            "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
            "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        }  # fmt: skip
        place = PLACE.match(path)
        named = (place[1] if place else "") or "welcome"
        status, headers, content = self.clock.answer(f"{method} {named}", environment)
        for cookie in headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return status, headers, content


def main() -> None:
    """Print a row for each kind of request."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--participants", type=int, default=15)
    parser.add_argument("--reports", action="store_true", help="also two reports of the page for each trial")
    parser.add_argument("--profile", default="", help="write a profile into this file")
    chosen = parser.parse_args()
    with prepared():
        study = published(trial_count=20)
        from django.core.wsgi import get_wsgi_application

        application = get_wsgi_application()
        Direct(0, study.code, clock=Clock(application)).take_part()  # loads what is loaded once
        clock = Clock(application, cProfile.Profile(time.thread_time) if chosen.profile else None)
        for _ in range(chosen.participants):
            Direct(0, study.code, chosen.reports, clock=clock).take_part()
        if clock.profiler:
            clock.profiler.dump_stats(chosen.profile)
    _show(clock, chosen.participants)


def _show(clock: Clock, participants: int) -> None:
    print("| request | times | median ms | ms of each participant |\n|---|---|---|---|")
    for kind, taken in sorted(clock.taken.items(), key=lambda row: -sum(row[1])):
        median, each = sorted(taken)[len(taken) // 2], sum(taken) / participants
        print(f"| {kind} | {len(taken) // participants} | {1000 * median:.1f} | {1000 * each:.1f} |")
    print(f"| all | | | {1000 * sum(map(sum, clock.taken.values())) / participants:.0f} |")


if __name__ == "__main__":
    main()
