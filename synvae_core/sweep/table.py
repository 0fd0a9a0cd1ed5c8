"""The cells of a sweep side by side: one row each, as CSV for programs and Markdown for people."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from synvae_core.sweep.grid import Cell
from synvae_core.sweep.plan import Plan, Status


@dataclass(frozen=True)
class Row:
    """A cell, how far it is, and the validation of the model that it kept: the one of least loss."""

    cell: Cell
    status: Status
    step: int | None
    figures: dict[str, float]
    failure: str


def rows_of(plan: Plan) -> list[Row]:
    """The cells in the order of the grid."""
    return [_row(plan, cell) for cell in plan.cells]


def _row(plan: Plan, cell: Cell) -> Row:
    rows = plan.rows(cell)
    best = min(rows, key=lambda row: row["validation"]["loss"]) if rows else None
    return Row(
        cell,
        plan.status(cell),
        best["step"] if best else None,
        best["validation"] if best else {},
        plan.failure(cell),
    )


def _columns(rows: list[Row]) -> tuple[list[str], list[str]]:
    keys = [key for key, _ in rows[0].cell.values]
    return keys, list(dict.fromkeys(name for row in rows for name in row.figures))


def as_csv(rows: list[Row]) -> str:
    """One line for each cell, figures in full."""
    keys, figures = _columns(rows)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*keys, "status", "step", *figures, "failure"])
    for row in rows:
        numbers = [row.figures.get(name, "") for name in figures]
        writer.writerow([*(v for _, v in row.cell.values), row.status, row.step or "", *numbers, row.failure])
    return out.getvalue()


def as_markdown(rows: list[Row]) -> str:
    """A table with four significant digits; failures are told below it."""
    keys, figures = _columns(rows)
    lines = [_line([*keys, "status", "step", *figures]), _line(["---:"] * (len(keys) + len(figures) + 2))]
    for row in rows:
        numbers = [f"{row.figures[name]:.4g}" if name in row.figures else "" for name in figures]
        lines.append(_line([*(v for _, v in row.cell.values), row.status, str(row.step or ""), *numbers]))
    told = [f"\n{row.cell.name}: {row.failure}" for row in rows if row.failure]
    return "\n".join([*lines, *told]) + "\n"


def _line(parts: list[str]) -> str:
    return f"| {' | '.join(parts)} |"
