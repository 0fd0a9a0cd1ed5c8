"""Answers as arrays: one row per volunteer, one column per trial, classes as numbers.

Everything is keyed by class, so neither the order in which options are stored nor the order in which
they were shown can change a statistic.
"""

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.answers import Answer
from analysis.checks import check_against, check_alone, check_session, refuse

NO_ANSWER = -1
UNKNOWN = -1
TOLD = ("order", "position", "response_ms", "plays", "listens")


@dataclass(frozen=True)
class AnswerMatrix:
    """Checked answers of n sessions to T trials over K classes.

    complete (n,) bool    whether the session was finished
    described (n,) bool   whether the session chose among written descriptions
    condition per session the name of its condition, or nothing
    offered  (T, K) bool  which classes are options of the trial
    truth    (T,) int     class of the clip
    choice   (n, T) int   class chosen, NO_ANSWER where there is none
    headphones per session whether it passed the headphone check, or None
    again    per session whether a finished visit was known before it, or None
    told     name -> (n, T) int: what else is known of each answer (order, position, response_ms, plays,
             listens), UNKNOWN where it is not; no number of a Summary depends on it
    listed   per trial    the options as the answers list them, or None where answers disagree on the order
    """

    sessions: tuple[str, ...]
    complete: NDArray[np.bool_]
    described: NDArray[np.bool_]
    condition: tuple[str, ...]
    trials: tuple[int, ...]
    classes: tuple[str, ...]
    listed: tuple[tuple[str, ...] | None, ...]
    offered: NDArray[np.bool_]
    truth: NDArray[np.int64]
    choice: NDArray[np.int64]
    headphones: tuple[bool | None, ...]
    again: tuple[bool | None, ...]
    told: dict[str, NDArray[np.int64]]

    @property
    def answered(self) -> NDArray[np.bool_]:
        return np.asarray(self.choice != NO_ANSWER)

    @property
    def correct(self) -> NDArray[np.bool_]:
        return np.asarray(self.choice == self.truth)

    def counts(self) -> NDArray[np.int64]:
        """How often each class was chosen in each trial, (T, K): the table of Fleiss' kappa."""
        chosen = self.choice[:, :, None] == np.arange(len(self.classes))  # (n, T, K)
        return np.asarray(chosen.sum(axis=0), dtype=np.int64)

    def finished(self) -> "AnswerMatrix":
        """Only the finished sessions, and only the trials that they answered."""
        return self.only(self.complete)

    def only_sessions(self, rows: Iterable[bool]) -> "AnswerMatrix":
        """`only` of flags as they come, one for each session."""
        return self.only(np.fromiter(rows, dtype=bool, count=len(self.sessions)))

    def only(self, rows: NDArray[np.bool_]) -> "AnswerMatrix":
        """Only these sessions (n,), and only the trials that they answered."""
        columns = np.asarray(self.answered[rows].any(axis=0))
        return AnswerMatrix(
            sessions=_where(self.sessions, rows),
            complete=self.complete[rows],
            described=self.described[rows],
            condition=_where(self.condition, rows),
            trials=_where(self.trials, columns),
            classes=self.classes,
            listed=_where(self.listed, columns),
            offered=self.offered[columns],
            truth=self.truth[columns],
            choice=self.choice[rows][:, columns],
            headphones=_where(self.headphones, rows),
            again=_where(self.again, rows),
            told={name: values[rows][:, columns] for name, values in self.told.items()},
        )


def to_matrix(answers: Iterable[Answer]) -> AnswerMatrix:
    """Check every answer and lay all of them out as arrays.

    Raises InvalidAnswer naming the row: a choice or truth that is not an option, two answers of a session
    to one trial, a trial whose truth or options differ between answers, a session both finished and not, both
    with images and with descriptions, of two conditions, with two outcomes of the headphone check, or both a
    first visit and not.
    """
    collected = _Collected()
    for row, answer in enumerate(answers, start=1):
        collected.add(answer, row)
    return collected.matrix()


class _Collected:
    """Answers seen so far, as numbers: of the objects only one of each trial and session is kept.

    names  class -> its number in the order of arrival
    seen   per session the trials that it answered, as bits
    given  session, trial, choice and what is told of each answer, one after another
    """

    def __init__(self) -> None:
        self.first: dict[int, Answer] = {}
        self.mixed: set[int] = set()
        self.sessions: dict[str, Answer] = {}
        self.row: dict[str, int] = {}
        self.column: dict[int, int] = {}
        self.names: dict[str, int] = {}
        self.seen: list[int] = []
        self.given = array("q")

    def add(self, answer: Answer, row: int) -> None:
        check_alone(answer, row)
        first = self.first.setdefault(answer.trial, answer)
        if first is not answer:
            self._compare(first, answer, row)
        known = self.sessions.setdefault(answer.session, answer)
        if known is not answer:
            check_session(known, answer, row)
        self._keep(answer, row)

    def _compare(self, first: Answer, answer: Answer, row: int) -> None:
        check_against(first, answer, row)
        if answer.options != first.options:
            self.mixed.add(answer.trial)

    def _keep(self, answer: Answer, row: int) -> None:
        session = self.row.setdefault(answer.session, len(self.row))
        trial = self.column.setdefault(answer.trial, len(self.column))
        if session == len(self.seen):
            self.seen.append(0)
        if self.seen[session] >> trial & 1:
            refuse(answer, row, "this session has already answered this trial.")
        self.seen[session] |= 1 << trial
        told = (getattr(answer, name) for name in TOLD)
        self.given.extend((session, trial, self.names.setdefault(answer.choice, len(self.names))))
        self.given.extend(UNKNOWN if value is None else value for value in told)

    def matrix(self) -> AnswerMatrix:
        trials = tuple(sorted(self.first))
        listed = tuple(None if trial in self.mixed else self.first[trial].options for trial in trials)
        classes = _class_order(listed, {name for answer in self.first.values() for name in answer.options})
        number = {name: index for index, name in enumerate(classes)}
        offered = [[name in self.first[trial].options for name in classes] for trial in trials]
        choice, *told = self._laid_out(trials, number)
        known = self.sessions.values()
        return AnswerMatrix(
            sessions=tuple(self.sessions),
            complete=np.array([answer.session_complete for answer in known], dtype=bool),
            described=np.array([answer.described for answer in known], dtype=bool),
            condition=tuple(answer.condition for answer in known),
            trials=trials,
            classes=classes,
            listed=listed,
            offered=np.array(offered, dtype=bool).reshape(len(trials), len(classes)),
            truth=np.array([number[self.first[trial].truth] for trial in trials], dtype=np.int64),
            choice=choice,
            headphones=tuple(answer.headphones for answer in known),
            again=tuple(answer.again for answer in known),
            told=dict(zip(TOLD, told, strict=True)),
        )

    def _laid_out(self, trials: Sequence[int], number: dict[str, int]) -> list[NDArray[np.int64]]:
        """Choices, then what is told of them, each (n, T); a filler where no answer is."""
        given = np.array(self.given, dtype=np.int64).reshape(-1, 3 + len(TOLD))
        place = {trial: index for index, trial in enumerate(trials)}
        columns = np.array([place[trial] for trial in self.column], dtype=np.int64)[given[:, 1]]
        classes = np.array([number[name] for name in self.names], dtype=np.int64)
        fillers = (NO_ANSWER, *[UNKNOWN] * len(TOLD))
        tables = [np.full((len(self.row), len(trials)), filler, dtype=np.int64) for filler in fillers]
        for table, values in zip(tables, (classes[given[:, 2]], *given[:, 3:].T), strict=True):
            table[given[:, 0], columns] = values
        return tables


def _class_order(listed: Sequence[tuple[str, ...] | None], names: set[str]) -> tuple[str, ...]:
    """The order the answers list, where all agree on one; else alphabetical with numbers by value."""
    if listed and listed[0] and all(one == other for one, other in pairwise(listed)):
        return listed[0]
    return tuple(sorted(names, key=_by_number))


def _by_number(name: str) -> tuple[list[tuple[int, str]], str]:
    """'7' before '10', 'class 2' before 'class 10'."""
    parts = re.findall(r"\d+|\D+", name)
    return [(int(part), "") if part.isdecimal() else (-1, part.casefold()) for part in parts], name


def _where(values: Sequence[Any], keep: NDArray[np.bool_]) -> tuple[Any, ...]:
    return tuple(value for value, kept in zip(values, keep, strict=True) if kept)
