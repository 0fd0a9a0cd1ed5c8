"""The table of trials: one row per trial, what the bars of Figure 2 show.

Columns: task_id, truth_class, n, n_correct, accuracy, accuracy_low and accuracy_high (Wilson, 95 %),
unanimous (1 or 0), then per class share_<class> and n_<class>, empty where the class was no option.
"""

from analysis.scores import TrialScore
from analysis.summary import Summary
from analysis.tables.cells import line
from analysis.values import Interval

_FIRST = (
    "task_id",
    "truth_class",
    "n",
    "n_correct",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "unanimous",
)


def trials_csv(summary: Summary) -> str:
    """The whole table in the order of trial numbers."""
    names = summary.class_names
    per_class = [f"{what}_{name}" for name in names for what in ("share", "n")]
    return line([*_FIRST, *per_class]) + "".join(line(_row(trial, names)) for trial in summary.trials)


def _row(trial: TrialScore, names: tuple[str, ...]) -> list[str | int | float | None]:
    low, high = (
        (trial.interval.low, trial.interval.high) if isinstance(trial.interval, Interval) else (None, None)
    )
    cells: list[str | int | float | None] = [
        trial.trial,
        trial.truth,
        trial.n,
        trial.correct,
        trial.accuracy,
        low,
        high,
        int(trial.unanimous),
    ]
    pairs = dict(zip(trial.options, zip(trial.shares, trial.counts, strict=True), strict=True))
    for name in names:
        cells += pairs.get(name, (None, None))
    return cells
