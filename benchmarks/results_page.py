"""What the results page of a large study costs: `python -m benchmarks.results_page`.

Fills a database of its own with finished visits (answers, plays, ends of clips), then measures processor
seconds of the page and its parts on one thread, 1,000 bootstrap draws included: then again.
"""

import argparse
import os
from collections.abc import Callable
from time import process_time
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("EARSIGHT_ALLOWED_HOSTS", "testserver,localhost")

from benchmarks.site import prepared, published


def main() -> None:
    parser = argparse.ArgumentParser(description="What the results page of a large study costs.")
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--trials", type=int, default=20)
    options = parser.parse_args()
    with prepared():
        measure(options.sessions, options.trials)


def measure(sessions: int, trials: int) -> None:
    """Print a line for each part."""
    from django.test import Client

    from study.domain import answer_matrix, results, reviews
    from study.domain.selecting import Selection
    from tests.crowd import crowd

    study = published(trial_count=trials)
    selection = Selection()
    client = Client(HTTP_HOST="localhost")
    client.force_login(study.owner)
    address = f"/studies/{study.pk}/results/"
    timed("the page, nobody there (imports)", lambda: client.get(address))
    crowd(study, 2)
    timed("the page, 2 volunteers (imports)", lambda: client.get(address))
    crowd(study, sessions - 2, seed=2)
    timed("whether anything has changed", lambda: reviews.fingerprint(study, selection))
    timed("read the answers as arrays", lambda: answer_matrix.matrix(study, selection))
    timed("the page", lambda: client.get(address))
    timed("the page again", lambda: client.get(address))
    timed("Figure 2, after the page", lambda: results.figure(study))


def timed(name: str, work: Callable[[], Any]) -> None:
    began = process_time()
    done = work()
    assert getattr(done, "status_code", 200) == 200, done
    print(f"{name:40} {process_time() - began:6.2f} s", flush=True)


if __name__ == "__main__":
    main()
