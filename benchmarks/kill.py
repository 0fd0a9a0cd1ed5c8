"""Kill -9 the site again and again while volunteers answer, on lines that drop and repeat what they send.

Volunteers never give up: what was not acknowledged they send again, as the page does. Some requests
are cut half way, some sent whole and the answer never read, some sent twice at the same moment, and to
some trials a second tab gives another answer. Afterwards every answer that the server acknowledged is looked
up: as it was acknowledged, once. Ends with status 1 when one is missing, changed or doubled.

    .venv/bin/python -m benchmarks.kill
    .venv/bin/python -m benchmarks.kill --database postgres://user:password@127.0.0.1/empty
    .venv/bin/python -m benchmarks.kill --volunteers 20 --trials 5 --kills 2
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from benchmarks.site import HOST, Site, prepared, published

if TYPE_CHECKING:
    from study.domain.rehearsal_report import Report

API = 0.8  # share of answers that are sent as the page's script does, the rest as forms
CUT, UNREAD, TWICE, RIVAL = 0.04, 0.06, 0.06, 0.06  # shares of requests
PATIENCE = 900.0  # seconds without an answer, after which a volunteer is lost


@dataclass
class Storm:
    """What happens to requests on their way, and how many answers are acknowledged."""

    saved: int = 0
    happened: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str) -> None:
        """Count a mishap."""
        with self._lock:
            self.happened[what] = self.happened.get(what, 0) + 1

    def note_saved(self) -> None:
        """Count an acknowledged answer."""
        with self._lock:
            self.saved += 1


def hang_up(request: urllib.request.Request, share: float) -> None:
    """Send this share of a request (1: the whole) and close the line without reading an answer."""
    body = request.data if isinstance(request.data, bytes) else b""
    path = request.selector
    head = "\r\n".join(
        [f"{request.get_method()} {path} HTTP/1.1", f"Host: {request.host}",
         f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in request.header_items())]
    )  # fmt: skip
    whole = f"{head}\r\n\r\n".encode() + body
    line = http.client.HTTPConnection(HOST, int(request.host.rpartition(":")[2]), timeout=10)
    try:
        line.connect()
        line.sock.sendall(whole[: max(1, int(share * len(whole)))])
    except OSError:
        pass  # the site is down just now
    finally:
        line.close()


def killed_again_and_again(
    site: Site, held: Future[Report], storm: Storm, points: Sequence[int], chance: random.Random
) -> int:
    """Kill and restart the site when so many answers are acknowledged; return how often it was."""
    for done, point in enumerate(points):
        while storm.saved < point:
            if held.done():
                return done
            time.sleep(0.05)
        site.kill()
        time.sleep(chance.random())
        site.start()
    return len(points)


def run(volunteers: int, trials: int, kills: int, seed: int) -> dict[str, object]:
    """Hold the rehearsal in the storm and return its report, as JSON takes it."""
    from benchmarks.storm import in_storm
    from study.domain import rehearsal

    study = published(trial_count=trials)
    cast = rehearsal.Cast(sessions=volunteers, at_once=volunteers, api=API, seed=seed)
    points = [round(API * volunteers * trials * n / (kills + 1)) for n in range(1, kills + 1)]
    site, storm = Site(), Storm()
    site.start()
    # The volunteers in a thread, the killing here: a server ends with the thread that has started it.
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(rehearsal.hold, study, site.url, cast, volunteer=in_storm(storm))
        killed = killed_again_and_again(site, held, storm, points, random.Random(seed))
        report = held.result()
    site.kill()
    return asdict(report) | {"killed": killed, "mishaps": storm.happened, "flawless": report.flawless}


def main() -> int:
    """Run and print the report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--volunteers", type=int, default=200, help="all at once (%(default)s)")
    parser.add_argument("--trials", type=int, default=20, help="of each (%(default)s)")
    parser.add_argument("--kills", type=int, default=5, help="kill -9 and restart (%(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="an empty database (SQLite in a temporary folder)")
    chosen = parser.parse_args()
    with prepared(chosen.database):
        report = run(chosen.volunteers, chosen.trials, chosen.kills, chosen.seed)
    print(json.dumps(report, indent=1))
    return 0 if report["flawless"] and report["killed"] == chosen.kills else 1


if __name__ == "__main__":
    sys.exit(main())
