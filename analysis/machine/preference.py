"""Which wrong picture people prefer: does it fall on the one that was predicted more often than chance?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.intervals import LEVEL
from analysis.values import Interval, Number, Range, Undefined

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Preference:
    """Where wrong answers fell, over the trials that have a prediction and at least two wrong options.

    on_predicted  of the `wrong` answers, those on the predicted option
    chance        what they would be if wrong answers fell anywhere: 1 / (k - 1), averaged over them
    p             one-sided, exact: the chance of so many or more if in every trial the predicted option were
                  any of the wrong ones. Answers to one trial go together, so a trial moves as a whole.
    interval      of the share, over new people and new trials
    """

    wrong: int
    on_predicted: int
    share: Number
    chance: Number
    p: Number
    interval: Range
    trials: int


NOBODY = "Nobody chose wrongly in a trial with two or more wrong options, so there is no preference."


def preference(
    choice: Counts, wrong: Sequence[Sequence[int]], predicted: Sequence[int | None], *, draws: int, seed: int
) -> Preference:
    """From choices (n, T) as class numbers (-1: none), the wrong classes of each trial and the predicted one.

    Trials without a prediction, or with only one wrong option, say nothing and are left out.
    """
    kept = [t for t, best in enumerate(predicted) if best is not None and len(wrong[t]) > 1]
    erred = np.stack([np.isin(choice[:, t], wrong[t]) for t in kept], axis=1) if kept else choice[:, :0] > 0
    hit = np.stack([choice[:, t] == predicted[t] for t in kept], axis=1) if kept else erred
    total, hits = int(erred.sum()), int(hit.sum())
    if not total:
        said = Undefined(NOBODY)
        return Preference(0, 0, said, said, said, said, len(kept))
    counts = [[int((choice[:, t] == name).sum()) for name in wrong[t]] for t in kept]
    chance = sum(sum(row) / len(row) for row in counts) / total
    interval = _interval(hit, erred, draws, seed)
    return Preference(total, hits, hits / total, chance, exact_p(counts, hits), interval, len(kept))


def exact_p(counts: Sequence[Sequence[int]], hits: int) -> float:
    """P(S >= hits), S the sum over trials of one of its wrong options' counts, each as likely.

    The distribution of S is the convolution of the trials' own; nothing is drawn.
    """
    chances = np.ones(1)
    for row in counts:
        grown = np.zeros(len(chances) + max(row))
        for count in row:
            grown[count : count + len(chances)] += chances / len(row)
        chances = grown
    return float(min(1.0, chances[hits:].sum()))


def _interval(hit: NDArray[np.bool_], erred: NDArray[np.bool_], draws: int, seed: int) -> Range:
    n, T = erred.shape
    if n < 2 or T < 2:
        return Undefined(
            f"This interval resamples volunteers and trials and needs two of each; there are {n} and {T}."
        )
    # Sorting makes the same draws fall on the same people, whatever the order or names of the sessions.
    rows = np.lexsort((hit.astype(int) + erred).T)
    rng = np.random.default_rng(seed)
    shares = []
    step = max(1, 2_000_000 // n)
    for start in range(0, draws, step):
        size = min(step, draws - start)
        people = rng.multinomial(n, np.full(n, 1 / n), size=size).astype(float)
        items = rng.multinomial(T, np.full(T, 1 / T), size=size).astype(float)
        on, of = (((people @ table[rows].astype(float)) * items).sum(axis=1) for table in (hit, erred))
        shares.append(on[of > 0] / of[of > 0])
    found = np.concatenate(shares)
    if not found.size:
        return Undefined("No draw of volunteers and trials had a wrong answer; there are too few.")
    low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high), "crossed bootstrap over volunteers and trials", LEVEL)
