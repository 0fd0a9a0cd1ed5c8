"""Processor time of the server per participant, and how long answers take, on this machine's loopback.

A participant reads the welcome, consents, passes sound, instructions and examples, gives 20 answers as the
page's script does, and finishes: the whole road without media. Every number is taken over all participants
of a row, who come at once and wait for each other between the stages of the road. Processor milliseconds
count the server and its workers alone, from their own clocks, so that a busy machine disturbs them little;
latencies are only as good as the machine is quiet.

    .venv/bin/python -m benchmarks.load
    .venv/bin/python -m benchmarks.load --at-once 20 --workers 2 --database postgres://user:password@host/empty
    .venv/bin/python -m benchmarks.load --at-once 20 --workers 1 --reports
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import secrets
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from operator import methodcaller
from typing import Any

from benchmarks.site import HOST, Site, prepared, published

STAGES = ("begin", "prepare", "answer", "end")  # of the road; each a verb of Participant
COLUMNS = {
    "at_once": "at once",
    "participants": "participants",
    "begin": "CPU ms: begin",
    "prepare": "to the first trial",
    "answer": "answers",
    "end": "end",
    "cpu_ms": "**all**",
    "p50": "answer p50",
    "p95": "p95",
    "p99": "p99 ms",
    "load": "load average",
}
WARM_UP = 10  # participants for each worker, so that all of them have met each page
TRIAL_DATA = re.compile(r'<script id="trial-data" type="application/json">(.*?)</script>', re.DOTALL)


class OffTheRoad(Exception):
    """A page is not what a participant meets there."""


@dataclass
class Participant:
    """One browser, one line that stays open, as browsers keep it."""

    port: int
    code: str
    reports: bool = False  # also send what the page reports of each trial
    cookies: dict[str, str] = field(default_factory=dict)
    page: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    answers: list[float] = field(default_factory=list)  # seconds

    def take_part(self) -> list[float]:
        """Go the whole road; return how long each answer took."""
        for stage in STAGES:
            methodcaller(stage)(self)
        return self.answers

    def begin(self) -> None:
        """Read the welcome and consent, as others have a login: three pages."""
        self.line = http.client.HTTPConnection(HOST, self.port, timeout=300)
        page = self._page("GET", f"/s/{self.code}/")
        self.page = self._submit(page, f"/s/{self.code}/consent/", agree="yes")

    def prepare(self) -> None:
        """Pass sound, instructions and examples, up to the page of the first trial."""
        while (found := TRIAL_DATA.search(self.page)) is None:
            self.page = self._submit(self.page, self.path)
        self.data = json.loads(found[1])

    def answer(self) -> None:
        """Give every answer."""
        for place, trial in enumerate(self.data["trials"]):
            self._answer(self.data, trial, place)

    def end(self) -> None:
        """Finish, and see the score."""
        page = self._page("GET", f"/s/{self.code}/finish/")
        self._submit(page, self.path)
        if not self.path.endswith("/thanks/"):
            raise OffTheRoad(self.path)

    def _answer(self, data: dict[str, Any], trial: dict[str, Any], place: int) -> None:
        if self.reports:
            for kind in ("shown", "ended"):
                event = {
                    "client_id": secrets.token_hex(8),
                    "kind": kind,
                    "presentation": trial["presentation"],
                    "seconds": 60.0,  # past the end of any clip
                }
                self._json(data["events_url"], {"events": [event]})
        answer = {
            "client_id": secrets.token_hex(8),
            "presentation": trial["presentation"],
            "choice": place % 3,
            "milliseconds": 4000,
        }
        started = time.perf_counter()
        status = self._json(data["answers_url"], answer)
        self.answers.append(time.perf_counter() - started)
        if status != 201:
            raise OffTheRoad(f"answer: {status}")

    def _json(self, path: str, content: dict[str, Any]) -> int:
        return self._send("POST", path, json.dumps(content).encode(), "application/json")[0]

    def _submit(self, page: str, action: str, **values: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        if token is None:
            raise OffTheRoad(f"{self.path} has no form.")
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **values}).encode()
        return self._page("POST", action, body)

    def _page(self, method: str, path: str, body: bytes | None = None) -> str:
        """Fetch a page, redirects included; `path` is then where it was found."""
        self.path = path
        status, headers, content = self._send(method, path, body, "application/x-www-form-urlencoded")
        if status in {301, 302, 303}:
            return self._page("GET", headers["Location"])
        if status != 200:
            raise OffTheRoad(f"{path}: {status}")
        return content.decode()

    def _send(
        self, method: str, path: str, body: bytes | None, kind: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = kind
        try:
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
        except (ConnectionError, http.client.HTTPException):  # the server has closed an idle line
            self.line.close()
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers, answer.read()


def percentile(seconds: list[float], share: float) -> float:
    """The nearest rank, in milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[max(0, -(-round(share * 100) * len(ordered) // 100) - 1)]


def measured(site: Site, code: str, at_once: int, rounds: int, *, reports: bool) -> dict[str, float]:
    """Let so many come at once, so often; return the row."""
    spent = dict.fromkeys(STAGES, 0.0)
    answers: list[float] = []
    with ThreadPoolExecutor(at_once) as pool:
        for _ in range(rounds):
            everyone = [Participant(site.port, code, reports) for _ in range(at_once)]
            for stage in STAGES:
                before = site.cpu_seconds()
                list(pool.map(methodcaller(stage), everyone))
                spent[stage] += site.cpu_seconds() - before
            answers += [seconds for one in everyone for seconds in one.answers]
    count = at_once * rounds
    return {
        "at_once": at_once,
        "participants": count,
        **{stage: 1000 * seconds / count for stage, seconds in spent.items()},
        "cpu_ms": 1000 * sum(spent.values()) / count,
        "p50": percentile(answers, 0.5),
        "p95": percentile(answers, 0.95),
        "p99": percentile(answers, 0.99),
        "load": os.getloadavg()[0],
    }


def main() -> None:
    """Print a row for each number of workers and of participants at once."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--at-once", type=int, nargs="+", default=[20, 50, 200])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=1, help="how often they come, one round after another")
    parser.add_argument("--database", default="", help="an empty database (SQLite in a temporary folder)")
    parser.add_argument("--reports", action="store_true", help="also two reports of the page for each trial")
    chosen = parser.parse_args()
    with prepared(chosen.database):
        study = published(trial_count=20)
        print(f"| workers | {' | '.join(COLUMNS.values())} |\n|{'---|' * (len(COLUMNS) + 1)}", flush=True)
        for workers in chosen.workers:
            site = Site(workers)
            site.start()
            measured(site, study.code, WARM_UP * workers, 1, reports=False)  # loads what is loaded once
            for at_once in chosen.at_once:
                row = measured(site, study.code, at_once, chosen.rounds, reports=chosen.reports)
                print(f"| {workers} | {' | '.join(f'{row[key]:.0f}' for key in COLUMNS)} |", flush=True)
            site.kill()


if __name__ == "__main__":
    main()
