"""Reading the long table: every cell that makes no sense is named by line and column."""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import NoReturn, overload

from analysis.answers import Answer
from analysis.errors import UnreadableTable
from analysis.tables.cells import unguarded

REQUIRED = ("session_id", "task_id", "truth_class", "chosen_class")
_FLAGS = {"1": True, "0": False, "true": True, "false": False}


def text_of(path: Path) -> str:
    """The file's text, or UnreadableTable where there is none."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UnreadableTable(f"The table {path} can't be opened: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableTable(f"The table {path} is not UTF-8 text; save it as CSV (UTF-8).") from error


def answers_in(text: str) -> Iterator[Answer]:
    """The answers of a table, row by row. Raises UnreadableTable."""
    return answers_from(StringIO(text, newline=""))


def answers_from(lines: Iterator[str]) -> Iterator[Answer]:
    """The answers of a table that is read line by line. Raises UnreadableTable."""
    first = next(lines, "")
    reader = csv.DictReader(chain([first], lines), delimiter=_separator(first), strict=True)
    options = _option_columns(reader.fieldnames or ())
    try:
        for cells in reader:
            yield _Row(reader.line_num, cells).answer(options)
    except csv.Error as error:
        raise UnreadableTable(f"Line {reader.line_num + 1} is not CSV: {error}.") from error


def _separator(header: str) -> str:
    return max(",;\t", key=header.count)


def _option_columns(names: Iterable[str]) -> tuple[str, ...]:
    """The option columns in order of their numbers; also checks that nothing needed is missing."""
    present = list(names)
    missing = [name for name in REQUIRED if name not in present]
    numbered = {
        int(found[1]): name for name in present if (found := re.fullmatch(r"option_(\d+)_class", name))
    }
    if len(numbered) < 2:
        missing.append("option_1_class, option_2_class")
    if missing:
        raise UnreadableTable(
            f"This is not a long table of answers; it lacks the columns {', '.join(missing)}."
        )
    doubled = sorted({name for name in present if present.count(name) > 1})
    if doubled:
        raise UnreadableTable(f"The column {doubled[0]} is there twice.")
    return tuple(numbered[number] for number in sorted(numbered))


@dataclass(frozen=True)
class _Row:
    """The cells of one line by column."""

    line: int
    cells: dict[str, str | None]

    def answer(self, option_columns: tuple[str, ...]) -> Answer:
        if None in self.cells:
            raise UnreadableTable(f"Line {self.line} has more cells than the header.")
        shown = [column for column in option_columns if self._text(column)]
        ids = tuple(self._text(column.removesuffix("_class") + "_id") for column in shown)
        answer = Answer(
            session=self._needed("session_id"),
            trial=self._needed_number("task_id"),
            options=tuple(self._text(column) for column in shown),
            truth=self._needed("truth_class"),
            choice=self._needed("chosen_class"),
            order=self._number("trial_index"),
            position=self._number("chosen_position"),
            response_ms=self._number("rt_ms"),
            plays=self._number("n_plays"),
            option_ids=ids if any(ids) else (),
            session_complete=self._flag("session_complete", otherwise=True),
            described=self._flag("described", otherwise=False),
            condition=self._text("condition"),
            listens=self._number("n_listens"),
            headphones=self._flag("headphones_passed", otherwise=None),
            again=self._flag("again", otherwise=None),
        )
        self._check_correct(answer)
        return answer

    def _check_correct(self, answer: Answer) -> None:
        if self._flag("correct", otherwise=answer.correct) != answer.correct:
            told = f"'{answer.choice}' was chosen and '{answer.truth}' is the truth"
            self._refuse("correct", f"says '{self._text('correct')}', but {told}")

    def _text(self, column: str) -> str:
        return unguarded(self.cells.get(column) or "")

    def _needed(self, column: str) -> str:
        return self._text(column) or self._refuse(column, "is empty")

    def _needed_number(self, column: str) -> int:
        number = self._number(column)
        return self._refuse(column, "is empty") if number is None else number

    def _number(self, column: str) -> int | None:
        text = self._text(column).strip()
        if not text:
            return None
        # Programs that allow empty cells in whole numbers write them back as 12.0.
        if not re.fullmatch(r"-?\d{1,15}(\.0+)?", text, re.ASCII):
            self._refuse(column, f"is '{text}', not a whole number")
        return int(text.partition(".")[0])

    @overload
    def _flag(self, column: str, *, otherwise: bool) -> bool: ...

    @overload
    def _flag(self, column: str, *, otherwise: None) -> bool | None: ...

    def _flag(self, column: str, *, otherwise: bool | None) -> bool | None:
        text = self._text(column).strip().lower()
        if text and text not in _FLAGS:
            self._refuse(column, f"is '{text}', not 1 or 0")
        return _FLAGS.get(text, otherwise)

    def _refuse(self, column: str, complaint: str) -> NoReturn:
        raise UnreadableTable(f"Line {self.line}, column {column}: the cell {complaint}.")
