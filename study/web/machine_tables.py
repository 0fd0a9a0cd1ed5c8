"""The table of what machine listeners made of each trial, beside what people made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from study.web.numbers import Cell, Row
from study.web.tables import Table, number, share

if TYPE_CHECKING:
    from analysis.machine.comparison import Beside, TrialBeside

KEY = "machine"
COLUMNS = (
    "Trial", "Truth", "People right", "Model chose", "Model’s difficulty", "Naive chose",
    "Naive’s difficulty", "Looks most alike",
)  # fmt: skip


def trials(found: Beside) -> Table:
    """Return a row for each trial; difficulty is what a listener's probability of the truth lacks to 1."""
    return Table(KEY, "Each trial, by people and by machines.", COLUMNS, tuple(map(_row, found.trials)), KEY)


def _row(trial: TrialBeside) -> Row:
    listeners = [
        cell
        for name in ("model", "naive")
        for cell in (Cell(trial.choice[name] or "nothing"), number(trial.difficulty[name], 2))
    ]
    people = (Cell(trial.truth), share(trial.accuracy))
    return Row(str(trial.trial), (*people, *listeners, Cell(trial.lookalike or "several")))
