"""The tables of the machine listeners: each beside people, and what they made of each trial."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from study.web.cells import interval, number, p_value, share
from study.web.numbers import Cell, Row
from study.web.tables import Table

if TYPE_CHECKING:
    from analysis.machine.comparison import Beside, ListenerBeside, TrialBeside
    from analysis.machine.preference import Preference

TRIALS = "machine"
COLUMNS = (
    "Trial", "Truth", "People right", "Model chose", "Model’s difficulty", "Naive chose",
    "Naive’s difficulty", "Looks most alike",
)  # fmt: skip
NOTHING = Cell("")
Told = tuple[Cell, Cell, Cell]  # the number, its interval, its p


def trials(found: Beside) -> Table:
    """Return a row for each trial; difficulty is what a listener's probability of the truth lacks to 1."""
    rows = tuple(map(_trial, found.trials))
    return Table(TRIALS, "Each trial, by people and by machines.", COLUMNS, rows, TRIALS)


def listener(name: str, found: Beside) -> Table:
    """Return a row for each number of one listener beside people, with its interval and p."""
    from analysis.machine.document import LISTENERS

    (each,) = (one for one in found.listeners if one.listener == name)
    rows = tuple(Row(head, tell(each)) for head, tell in NUMBERS.items())
    caption = f"{LISTENERS[name].capitalize()} beside people."
    return Table(name, caption, ("Number", "Value", "95 % interval", "p"), rows, "listeners")


TABLES: dict[str, Callable[[Beside], Table]] = {
    TRIALS: trials,
    "model": partial(listener, "model"),
    "naive": partial(listener, "naive"),
}


def fell(found: Preference) -> Told:
    """Return how many wrong answers fell on the predicted option."""
    count = number(found.share, 2)
    if not count.why:
        told = (
            f"{found.on_predicted} of {found.wrong} ({count.text}), by chance {number(found.chance, 2).text}"
        )
        count = Cell(told, raw=count.raw)
    return count, interval(found.interval, shares=False), p_value(found.p)


def _trial(trial: TrialBeside) -> Row:
    chosen = [
        cell
        for name in ("model", "naive")
        for cell in (Cell(trial.choice[name] or "nothing"), number(trial.difficulty[name], 2))
    ]
    people = (Cell(trial.truth), share(trial.accuracy))
    return Row(str(trial.trial), (*people, *chosen, Cell(trial.lookalike or "several")))


def _right(each: ListenerBeside) -> Told:
    return Cell(f"{each.correct} of {each.trials}", raw=each.accuracy), NOTHING, NOTHING


def _confidence(each: ListenerBeside) -> Told:
    return number(each.confidence, 2), NOTHING, NOTHING


def _correlation(each: ListenerBeside) -> Told:
    found = each.difficulty
    return number(found.rho, 2), interval(found.interval, shares=False), p_value(found.p)


def _agreement(each: ListenerBeside) -> Told:
    return number(each.agreement, 2), interval(each.agreement_interval, shares=False), NOTHING


def _kappa(each: ListenerBeside) -> Told:
    return number(each.kappa, 2), NOTHING, NOTHING


NUMBERS: dict[str, Callable[[ListenerBeside], Told]] = {
    "Trials right": _right,
    "Mean confidence in its choice": _confidence,
    "Rank correlation of people’s accuracy with its difficulty": _correlation,
    "Share of people’s answers that are its choice": _agreement,
    "Agreement beyond chance (Cohen’s kappa)": _kappa,
    "Wrong answers on its second choice": lambda each: fell(each.preference),
}
