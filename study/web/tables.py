"""The tables of the results page: shown, sorted there, and downloaded from the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.values import Undefined
from study.web.cells import integer, interval, number, p_value, share
from study.web.notes import NOTES, Note
from study.web.numbers import Cell, Row, ends, percent

if TYPE_CHECKING:
    from analysis.review import Review
    from analysis.review.sections import Coefficient, ExactTest, Headline, Step

MOST_SHOWN = 200  # rows in the page; the CSV has all


@dataclass(frozen=True)
class Table:
    """A table; the first column heads the rows. `key` names it in addresses, files and notes."""

    key: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""  # name of the note that tells how it is computed
    all_rows: int = 0

    @property
    def how(self) -> Note | None:
        """How its numbers are computed."""
        return NOTES.get(self.note)

    @property
    def unknown(self) -> list[str]:
        """Why cells have a dash for a number, each reason once."""
        return list(dict.fromkeys(cell.why for row in self.rows for cell in row.cells if cell.why))

    @property
    def left_out(self) -> int:
        """How many rows the download has beyond these."""
        return max(0, self.all_rows - len(self.rows))


def table(key: str, review: Review, *, whole: bool = False) -> Table | None:
    """Return the table with this name, or None; that of volunteers in part, unless it is wanted `whole`."""
    if key == "volunteers" and not whole:  # the one that grows with the study
        return replace(_volunteers(review, MOST_SHOWN), all_rows=len(review.volunteers))
    return TABLES[key](review) if key in TABLES else None


def csv_of(made: Table) -> str:
    """Return the table as CSV: numbers as computed, both ends of intervals, nothing for what is not known."""
    from analysis.tables.cells import line

    pairs = [
        any(isinstance(row.cells[at].raw, tuple) for row in made.rows) for at in range(len(made.columns) - 1)
    ]
    names = [
        name
        for column, pair in zip(made.columns[1:], pairs, strict=True)
        for name in ((f"{column}, low", f"{column}, high") if pair else (column,))
    ]
    rows: list[list[str | float | None]] = [[row.head, *_values(row, pairs)] for row in made.rows]
    return line([made.columns[0], *names]) + "".join(map(line, rows))


def _values(row: Row, pairs: Sequence[bool]) -> Iterator[str | float | None]:
    for cell, pair in zip(row.cells, pairs, strict=True):
        if isinstance(cell.raw, tuple):
            yield from cell.raw
        elif pair:
            yield from (None, None)
        elif cell.raw is not None:
            yield cell.raw
        else:
            yield None if cell.text == "–" else cell.text


def _trials(review: Review) -> Table:
    names = review.summary.class_names
    rows = []
    for score, test in zip(review.summary.trials, review.trials, strict=True):
        counts = dict(zip(score.options, score.counts, strict=True))
        shares = dict(zip(score.options, score.shares, strict=True))
        of_classes = [
            Cell(f"{counts.get(name, 0)} ({100 * shares.get(name, 0):.0f} %)",
                 "truth" if name == score.truth else "", counts.get(name, 0))
            for name in names
        ]  # fmt: skip
        right = (share(score.accuracy), interval(score.interval), p_value(test.p), p_value(test.p_holm))
        rows.append(Row(str(score.trial), (Cell(score.truth), *of_classes, *right)))
    return Table(
        "trials", "How often each class was chosen. Green marks the source of the music.",
        ("Trial", "Source", *names, "Right", "95 % interval", "p", "p, Holm"), tuple(rows), "trials",
    )  # fmt: skip


def _classes(review: Review) -> Table:
    rows = [
        Row(score.name, (integer(score.truths), integer(score.choices), integer(score.correct),
                         share(score.recall), share(score.precision)))
        for score in review.summary.classes
    ]  # fmt: skip
    return Table(
        "classes", "Recall: how often its music was recognised. Precision: how often choosing it was right.",
        ("Class", "Was the source", "Was chosen", "Right", "Recall", "Precision"), tuple(rows), "classes",
    )  # fmt: skip


def _confusion(review: Review) -> Table:
    names = review.summary.class_names
    rows = [
        Row(name, tuple(Cell(str(n), "hit" if name == chosen else "", n)
                        for chosen, n in zip(names, counts, strict=True)))
        for name, counts in zip(names, review.summary.confusion, strict=True)
    ]  # fmt: skip
    columns = ("Source", *(f"{name} chosen" for name in names))
    caption = "Rows are the source of the music, columns what volunteers chose."
    return Table("confusion", caption, columns, tuple(rows), "confusion")


def _tests(review: Review) -> Table:
    chance, rows = review.chance, []
    if isinstance(chance.t, Undefined):
        rows.append(_no_test("Student’s t over volunteers", chance.t))
    else:
        told = f"t({chance.t.df}) = {chance.t.t:.2f}, d = {chance.t.effect:.2f}"
        rows.append(
            Row("Student’s t over volunteers", (Cell(told), p_value(chance.t.p), Cell("new volunteers")))
        )
    if isinstance(chance.permutation, Undefined):
        rows.append(_no_test("Permutation of truths", chance.permutation))
    else:
        told = f"expected {percent(chance.permutation.expected)}"
        found = p_value(chance.permutation.p)
        rows.append(Row("Permutation of truths", (Cell(told), found, Cell("these volunteers and trials"))))
    naive = chance.naive
    told = f"{naive.correct} of {naive.answers}, {ends(naive.wilson, 1)}"
    rows.append(Row("Binomial, naive", (Cell(told), p_value(naive.p), Cell("too small a p, for comparison"))))
    caption = "Whether volunteers do better than guessing, one-sided."
    return Table("tests", caption, ("Test", "Found", "p", "Speaks about"), tuple(rows), "tests")


def _looks(review: Review) -> Table | None:
    found = review.sequential
    if isinstance(found, Undefined):
        return None
    rows = [
        Row(
            str(look.volunteers),
            (
                number(look.level, 4),
                p_value(look.p),
                Cell("above chance" if look.found else "not above chance"),
            ),
        )
        for look in found.looks
        if look.volunteers <= found.counted
    ]
    columns = ("Volunteers", "p has to stay under", "p", "Found")
    return Table(
        "looks",
        "Looks that were declared before the data, as far as they are due.",
        columns,
        tuple(rows),
        "looks",
    )


def _no_test(name: str, why: Undefined) -> Row:
    return Row(name, (Cell(str(why)), Cell("–"), Cell("–")))


def _agreement(review: Review) -> Table:
    found = review.agreement
    rows = [
        _coefficient("Fleiss’ kappa", found.kappa),
        _coefficient("Krippendorff’s alpha", found.alpha),
        _coefficient("Gwet’s AC1", found.ac1),
    ]
    columns = ("Coefficient", "Value", "95 %, new volunteers and trials", "95 %, new trials")
    caption = "How far volunteers choose alike, right or wrong; 1 is perfect, 0 is what chance makes alike."
    return Table("agreement", caption, columns, tuple(rows), "agreement")


def _coefficient(name: str, found: Coefficient) -> Row:
    wide, narrow = interval(found.interval, shares=False), interval(found.over_trials, shares=False)
    return Row(name, (number(found.value), wide, narrow))


def _volunteers(review: Review, most: int | None = None) -> Table:
    columns = ("Session", "Right", "Answered", "Accuracy", "d′", "p", "p, Holm")
    caption = "Each volunteer against guessing."
    shown = sorted(review.volunteers, key=_by_number)[:most]
    return Table("volunteers", caption, columns, tuple(map(_exact, shown)), "volunteer")


def _by_number(test: ExactTest) -> tuple[int, str]:
    """Session 2 before session 10."""
    return len(test.name), test.name


def _exact(test: ExactTest) -> Row:
    counts = (integer(test.correct), integer(test.n), share(test.accuracy))
    return Row(test.name, (*counts, number(test.d_prime, 2), p_value(test.p), p_value(test.p_holm)))


def _places(review: Review) -> Table | None:
    found = review.position
    if isinstance(found, Undefined):
        return None
    rows = [
        Row(f"Place {place}", (integer(count), share(count / sum(found.counts)), integer(right)))
        for place, (count, right) in enumerate(zip(found.counts, found.correct, strict=True), start=1)
    ]
    columns = ("On the screen", "Chosen", "Share", "Rightly")
    caption = "How often each place on the screen was chosen, from the first."
    return Table("places", caption, columns, tuple(rows), "places")


def _learning(review: Review) -> Table | None:
    if isinstance(review.learning, Undefined):
        return None
    caption = "Accuracy at each place of the order in which trials were heard."
    return _steps("learning", caption, "Place in the order", review.learning.steps)


def _listens(review: Review) -> Table | None:
    if isinstance(review.listens, Undefined):
        return None
    caption = "Accuracy by how often a clip was heard."
    return _steps("listens", caption, "Times", review.listens.steps)


def _steps(key: str, caption: str, head: str, steps: Sequence[Step]) -> Table:
    rows = [
        Row(
            str(step.value),
            (integer(step.n), integer(step.correct), share(step.accuracy), interval(step.interval)),
        )
        for step in steps
    ]
    return Table(key, caption, (head, "Answers", "Right", "Accuracy", "95 % interval"), tuple(rows), key)


def _counted(review: Review) -> Table:
    rows = [
        Row(
            stage.what.capitalize(),
            (integer(stage.left_out), integer(stage.unjudged), integer(stage.remaining)),
        )
        for stage in (*review.exclusions.arrivals, *review.exclusions.flow)
    ]
    columns = ("Stage", "Left out", "Not judged", "Left")
    return Table("counted", "From everybody who came to those counted.", columns, tuple(rows), "counted")


def _with_and_without(review: Review) -> Table | None:
    found = review.exclusions
    if len(found.flow) < 3:
        return None
    rows = (_headline("After the declared rules", found.counted), _headline("Before them", found.without))
    columns = ("Counted", "Sessions", "Answers", "Accuracy", "95 % interval", "Sigma", "Kappa")
    caption = "The same numbers with and without exclusions."
    return Table("with-and-without", caption, columns, rows, "accuracy")


def _headline(name: str, found: Headline) -> Row:
    counts = (integer(found.volunteers), integer(found.answers), share(found.accuracy))
    return Row(name, (*counts, interval(found.accuracy_interval), number(found.sigma), number(found.kappa)))


TABLES: dict[str, Callable[[Review], Table | None]] = {
    "trials": _trials,
    "classes": _classes,
    "confusion": _confusion,
    "tests": _tests,
    "looks": _looks,
    "agreement": _agreement,
    "volunteers": _volunteers,
    "places": _places,
    "learning": _learning,
    "listens": _listens,
    "counted": _counted,
    "with-and-without": _with_and_without,
}
