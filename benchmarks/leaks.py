"""Guess the truth from everything that a volunteer's browser can fetch, without listening or looking.

Visits of several studies (pictures, written descriptions, conditions, a practice trial, a headphone check)
are walked on a real server. Of every presentation are kept the page, the state's JSON, the clip, the
pictures, all headers, sizes and names, and the time to the first byte. Each signal is a guess; one guess is
learned from all signals together on four fifths of the trials and tried on the last fifth. A signal's share
of right guesses within each trial is compared with one in three (two-sided t test over trials, since visits
share their pictures), and receipts for right answers with those for wrong ones (Mann and Whitney). Holm's
correction over all of them; ends with status 1 when one differs at the level of 0.01.

    .venv/bin/python -m benchmarks.leaks
    .venv/bin/python -m benchmarks.leaks --visits 4
    .venv/bin/python -m benchmarks.leaks --real --visits 9 --trials 60
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import time

from benchmarks.site import HOST, Site, prepared


def fetch_from(port: int):  # type: ignore[no-untyped-def]
    """Return what fetches an address of the site at this port, on a line that stays open."""
    from benchmarks.signals import Fetched

    line = http.client.HTTPConnection(HOST, port, timeout=300)

    def fetch(path: str, cookie: str, body: bytes | None = None) -> Fetched:
        headers = {"Cookie": cookie} | ({"Content-Type": "application/json"} if body else {})
        for _ in range(2):
            try:
                started = time.perf_counter()
                line.request("POST" if body else "GET", path, body, headers)
                answer = line.getresponse()  # returns with the first bytes
                seconds = time.perf_counter() - started
                return Fetched(answer.status, dict(answer.getheaders()), answer.read(), seconds)
            except (ConnectionError, http.client.HTTPException):  # the server has closed an idle line
                line.close()
        raise ConnectionError(path)

    return fetch


def main() -> int:
    """Walk, guess, print a row for each signal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visits", type=int, default=20, help="to each study (%(default)s)")
    parser.add_argument("--trials", type=int, default=20, help="of each study (%(default)s)")
    parser.add_argument(
        "--real", action="store_true", help="digits and what the shipped model plays for them"
    )
    chosen = parser.parse_args()
    with prepared():
        from benchmarks import signals, walks

        site = Site()
        site.start()
        fetch = fetch_from(site.port)
        seen = walks.everything(fetch, visits=chosen.visits, trials=chosen.trials, real=chosen.real)
        site.kill()
        rows = signals.tried(seen)
    print(f"{len(seen)} presentations of {len({one.trial for one in seen})} trials,")
    print(f"clips of {len({len(one.clip.body) for one in seen if one.pictures})} sizes,")
    print(f"pictures of {len({len(picture.body) for one in seen for picture in one.pictures})} sizes")
    print(json.dumps([vars(row) for row in rows], indent=1))
    leaks = [row.name for row in rows if row.leaks]
    print(f"Signals that tell something of the truth: {', '.join(leaks) or 'none'}.")
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main())
