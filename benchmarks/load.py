"""Processor time of the server per participant, and how long answers take, on this machine's loopback.

A participant reads the welcome, consents, passes sound, instructions and examples, gives 20 answers as the
page's script does, and finishes: the whole road without media. Every number is taken over all participants of
a row, who come at once. Processor milliseconds count the server and its workers alone, from their own clocks,
so that a busy machine disturbs them little; latencies are only as good as the machine is quiet.

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
from typing import Any

from benchmarks.site import HOST, Site, prepared, published

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
    answers: list[float] = field(default_factory=list)  # seconds

    def take_part(self) -> list[float]:
        """Go the whole road; return how long each answer took."""
        self.line = http.client.HTTPConnection(HOST, self.port, timeout=300)
        page = self._page("GET", f"/s/{self.code}/")
        page = self._submit(page, f"/s/{self.code}/consent/", agree="yes")
        while (found := TRIAL_DATA.search(page)) is None:
            page = self._submit(page, self.path)
        data = json.loads(found[1])
        for place, trial in enumerate(data["trials"]):
            self._answer(data, trial, place)
        page = self._page("GET", f"/s/{self.code}/finish/")
        self._submit(page, self.path)
        if not self.path.endswith("/thanks/"):
            raise OffTheRoad(self.path)
        return self.answers

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
    before = site.cpu_seconds()
    count = at_once * rounds
    with ThreadPoolExecutor(at_once) as pool:
        every = list(pool.map(lambda _: Participant(site.port, code, reports).take_part(), range(count)))
    answers = [seconds for participant in every for seconds in participant]
    return {
        "participants": count,
        "cpu_ms": 1000 * (site.cpu_seconds() - before) / count,
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
        print("| workers | at once | participants | CPU ms each | answer p50 | p95 | p99 ms | load average |")
        print("|---|---|---|---|---|---|---|---|", flush=True)
        for workers in chosen.workers:
            site = Site(workers)
            site.start()
            measured(site, study.code, workers, 1, reports=False)  # loads what is loaded once
            for at_once in chosen.at_once:
                row = measured(site, study.code, at_once, chosen.rounds, reports=chosen.reports)
                cells = [
                    str(row["participants"]),
                    *(f"{row[k]:.0f}" for k in ("cpu_ms", "p50", "p95", "p99")),
                ]
                print(f"| {workers} | {at_once} | {' | '.join(cells)} | {row['load']:.0f} |", flush=True)
            site.kill()


if __name__ == "__main__":
    main()
