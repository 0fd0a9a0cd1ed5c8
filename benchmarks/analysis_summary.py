"""How long a summary, a review, tables and Figure 2 take: `python benchmarks/analysis_summary.py`.

Processor seconds on one thread, the median of three runs after one that warms up; wall seconds are the same
on an idle machine.
"""

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from analysis import Answer, Bootstrap, figure2, summarise
from analysis.intervals import crossed_bootstrap
from analysis.matrix import to_matrix
from analysis.review import review
from analysis.tables import long_csv, read_long_csv

CLASSES = ("0", "1", "4")


def made_up(sessions: int, trials: int) -> list[Answer]:
    """Volunteers who are right seven times out of ten, each with an order, times and plays of their own."""
    rng = np.random.default_rng(1)
    right = (rng.random((sessions, trials)) < 0.7).tolist()
    wrong = rng.integers(1, 3, (sessions, trials)).tolist()
    order = (rng.random((sessions, trials)).argsort(axis=1) + 1).tolist()
    place, plays = (rng.integers(low, high, (sessions, trials)).tolist() for low, high in ((0, 3), (1, 4)))
    milliseconds = rng.lognormal(8, 0.5, (sessions, trials)).astype(int).tolist()
    return [
        Answer(
            session=f"session-{row}",
            trial=column + 1,
            options=CLASSES,
            truth=CLASSES[column % 3],
            choice=CLASSES[(column + (0 if right[row][column] else wrong[row][column])) % 3],
            order=order[row][column],
            position=place[row][column],
            response_ms=milliseconds[row][column],
            plays=plays[row][column],
        )
        for row in range(sessions)
        for column in range(trials)
    ]


def timed(work: Callable[[], object], repeats: int = 3) -> float:
    """Median processor seconds of a few runs, after one that warms up."""
    work()
    seconds = []
    for _ in range(repeats):
        start = process_time()
        work()
        seconds.append(process_time() - start)
    return median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--draws", type=int, default=1000)
    options = parser.parse_args()
    answers = made_up(options.sessions, options.trials)
    print(f"{options.sessions} sessions x {options.trials} answers, {options.draws} bootstrap draws")
    for name, seconds in measured(answers, Bootstrap(draws=options.draws)).items():
        print(f"{name:<30}{seconds:8.2f} s")


def measured(answers: list[Answer], bootstrap: Bootstrap) -> dict[str, float]:
    """Seconds by what was done."""
    matrix = to_matrix(answers)
    figure = figure2(summarise(answers, bootstrap=bootstrap))
    draws = bootstrap.draws
    return {
        "summarise, all of it": timed(lambda: summarise(answers, bootstrap=bootstrap)),
        "  check and lay out": timed(lambda: to_matrix(answers)),
        "  crossed bootstrap": timed(lambda: crossed_bootstrap(matrix.correct, matrix.answered, draws=draws)),
        "review, its summary included": timed(lambda: review(answers, draws=draws)),
        "  the same from the arrays": timed(lambda: review(matrix, draws=draws)),
        **measured_tables(answers),
        **{f"Figure 2 as {kind}": timed(partial(figure.render, kind)) for kind in ("svg", "pdf", "png")},
    }


def measured_tables(answers: list[Answer]) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        table = Path(folder) / "answers.csv"
        table.write_text(long_csv(answers), encoding="utf-8", newline="")
        return {
            "write the long table": timed(lambda: long_csv(answers), repeats=1),
            "read the long table": timed(lambda: read_long_csv(table), repeats=1),
        }


if __name__ == "__main__":
    main()
