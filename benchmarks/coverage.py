"""How often nominal 95 % intervals hold the truth: `python -m benchmarks.coverage`.

Simulated studies of new people and new items: log odds of knowing with standard deviation 1 over people and 1
over items, above a floor of a third for guessing, 20 items, accuracy .71 over all people and items. Four
intervals of accuracy, and with --kappa those of Fleiss' kappa. Prints Markdown: the tables of
docs/statistics.md.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from analysis.agreement import fleiss_kappa
from analysis.intervals import crossed_bootstrap, drawn, t_interval, wilson
from analysis.matrix import UNKNOWN, AnswerMatrix
from analysis.review.agreeing import agreement
from analysis.summary import Bootstrap
from analysis.values import Interval, Range

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

ACCURACY = 0.71
ITEMS = 20
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(80)


def share_right(odds: Floats) -> Floats:
    """A third is guessed, the others are known or not."""
    return np.asarray(1 / 3 + 2 / 3 / (1 + np.exp(-odds)))


def mean_odds(accuracy: float) -> float:
    """Where log odds have to lie for this accuracy over people and items of standard deviation 1 each."""

    def reached(mean: float) -> float:
        return float(WEIGHTS @ share_right(mean + np.sqrt(2) * NODES) / WEIGHTS.sum())

    return float(brentq(lambda mean: reached(mean) - accuracy, -5, 5))


def studies(people: int, number: int, seed: int) -> Iterator[Flags]:
    """Right answers (people, items) of one study after the other."""
    rng, mean = np.random.default_rng(seed), mean_odds(ACCURACY)
    for _ in range(number):
        odds = mean + rng.normal(size=(people, 1)) + rng.normal(size=(1, ITEMS))
        yield rng.random((people, ITEMS)) < share_right(odds)


def over_people(correct: Flags, seed: int, draws: int) -> Range:
    """Percentile bootstrap of volunteers alone."""
    accuracies = correct.mean(axis=1)
    means = drawn(np.random.default_rng(seed), draws, len(accuracies)) @ accuracies / len(accuracies)
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(low), float(high), "bootstrap over volunteers")


def intervals(correct: Flags, seed: int, draws: int) -> dict[str, Range]:
    """The four intervals of one study."""
    return {
        "Wilson": wilson(int(correct.sum()), correct.size),
        "t over volunteers": t_interval(correct.mean(axis=1)),
        "bootstrap over volunteers": over_people(correct, seed, draws),
        "crossed bootstrap": crossed_bootstrap(correct, np.ones_like(correct), draws=draws, seed=seed),
    }


def kappa_intervals(correct: Flags, seed: int, draws: int) -> dict[str, Range]:
    """Both intervals of kappa, wrong answers going to either other class by chance."""
    rng = np.random.default_rng(seed)
    truth = np.arange(ITEMS) % 3
    choice = np.where(correct, truth, (truth + rng.integers(1, 3, correct.shape)) % 3)
    n = len(correct)
    matrix = AnswerMatrix(
        sessions=tuple(f"s{row:04}" for row in range(n)),
        complete=np.ones(n, dtype=bool),
        described=np.zeros(n, dtype=bool),
        condition=("",) * n,
        trials=tuple(range(1, ITEMS + 1)),
        classes=("0", "1", "2"),
        listed=(("0", "1", "2"),) * ITEMS,
        offered=np.ones((ITEMS, 3), dtype=bool),
        truth=truth,
        choice=choice,
        headphones=(None,) * n,
        again=(None,) * n,
        told={"order": np.full(choice.shape, UNKNOWN)},
    )
    kappa = agreement(matrix, fleiss_kappa(matrix.counts()), Bootstrap(draws=draws, seed=seed)).kappa
    return {"over trials": kappa.over_trials, "over volunteers and trials": kappa.interval}


def true_kappa(people: int = 4000) -> float:
    """Kappa of a large study with as many items, by pairs of people who answer the same item."""
    rng, mean = np.random.default_rng(0), mean_odds(ACCURACY)
    items = np.sort(rng.normal(size=people))
    shares = share_right(mean + rng.normal(size=(people, 1)) + items)  # (people, items)
    right = shares.mean(axis=0)  # of an item, over people
    alike = right**2 + (1 - right) ** 2 / 2
    by_chance = 1 / 3
    return float((alike.mean() - by_chance) / (1 - by_chance))


def table(people: list[int], number: int, draws: int, *, kappa: bool) -> Iterator[str]:
    """Markdown: coverage and mean width by number of people."""
    found: Callable[[Flags, int, int], dict[str, Range]] = kappa_intervals if kappa else intervals
    truth = true_kappa() if kappa else ACCURACY
    header: list[str] = []
    for n in people:
        rows = [found(correct, seed, draws) for seed, correct in enumerate(studies(n, number, seed=n))]
        if not header:
            header = list(rows[0])
            yield f"| volunteers | {' | '.join(header)} |"
            yield f"|{'---|' * (len(header) + 1)}"
        yield f"| {n} | {' | '.join(map(partial(_cell, rows, truth), header))} |"


def _cell(rows: list[dict[str, Range]], truth: float, name: str) -> str:
    there = [interval for row in rows if isinstance(interval := row[name], Interval)]
    covered = np.mean([truth in interval for interval in there])
    width = np.mean([interval.high - interval.low for interval in there])
    return f"{covered:.3f} ({width:.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[11, 21, 60])
    parser.add_argument("--studies", type=int, default=600)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--kappa", action="store_true")
    options = parser.parse_args()
    for line in table(options.people, options.studies, options.draws, kappa=options.kappa):
        print(line, flush=True)


if __name__ == "__main__":
    main()
