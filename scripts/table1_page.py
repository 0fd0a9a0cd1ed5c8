"""Table 1 as a page: cells averaged over the seeds of a model's trainings, beside the paper's numbers."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATHS = {"visvae": "", "latent": ", latent path", "audible": ", audible path"}
SHARES = 3  # digits of what lies between 0 and 1, written without the 0
TITLES = {"mnist": "MNIST", "cifar": "CIFAR-10"}
# Table 1 of the paper. Its Acc is that of classifiers trained on reconstructions, its P10 that of drawn
# latents, its MI the saturating one: each stands where ours is of the same kind.
PAPER = {
    "mnist": (
        ("*the paper's M-VIS*", {"mse": "16.43", "kl": "24.38", "p10_sampled": ".31", "own": ".99"}),
        (
            "*the paper's M-Syn*",
            {"mse": "36.66", "kl": "15.63", "p10_sampled": ".28", "own": ".96", "paper_style": "5.03"},
        ),
    )
}


@dataclass(frozen=True)
class Cell:
    """One path of one model, measured; `metrics` are those of PathMetrics as plain values."""

    model: str
    row: str
    family: str
    path: str
    metrics: dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """A column: how it is read from a cell's metrics (None where it was not measured), and its digits."""

    key: str
    heading: str
    read: Callable[[dict[str, Any]], float | None]
    digits: int = SHARES

    def shown(self, values: Sequence[float]) -> str:
        """The value, or mean and standard deviation over several trainings."""
        if not values:
            return ""
        text = self._number(statistics.fmean(values))
        return f"{text} ± {self._number(statistics.stdev(values))}" if len(values) > 1 else text

    def _number(self, value: float) -> str:
        text = f"{value:.{self.digits}f}"
        return text[1:] if self.digits == SHARES and text.startswith("0.") else text


def _inside(*keys: str) -> Callable[[dict[str, Any]], Any]:
    def read(metrics: dict[str, Any]) -> Any:
        value: Any = metrics
        for key in keys:
            value = value.get(key) if value else None
        return value

    return read


FIGURES = (
    Figure("mse", "MSE", _inside("mse"), 2),
    Figure("kl", "KL", _inside("kl"), 2),
    Figure("p10_sampled", "P@10, drawn", _inside("p10_sampled")),
    Figure("p10_mean", "P@10, means", _inside("p10_mean")),
    Figure("originals", "accuracy, judge of originals", _inside("accuracy")),
    Figure("own", "accuracy, own judge", _inside("own_judge", "accuracy")),
    Figure("melodies", "melodies alone", _inside("melodies", "accuracy")),
    Figure("mutual", "I(z_v; z_a), held out", _inside("mutual_information", "donsker_varadhan"), 2),
    Figure("assured", "at least, 95 %", _inside("mutual_information", "demine_bernstein"), 2),
    Figure("paper_style", "the paper's way", _inside("mutual_information", "paper_style", "value"), 2),
)


def write_page(folder: Path, cells: Sequence[Cell], missing: Sequence[str], about: str) -> Path:
    """Writes table1.md and table1.json into `folder`; returns the page."""
    from synvae_core.training.checkpoint import write_whole

    rows = list(_rows(cells))
    write_whole(
        folder / "table1.json", (json.dumps({"rows": rows, "missing": missing}, indent=1) + "\n").encode()
    )
    page = folder / "table1.md"
    write_whole(page, _page(rows, missing, about).encode())
    return page


def _rows(cells: Sequence[Cell]) -> Iterator[dict[str, Any]]:
    """One row for each model and path, with every figure of every training."""
    order = {(cell.family, cell.row, cell.path): None for cell in cells}
    for family, row, path in sorted(order, key=_place):
        own = [cell for cell in cells if (cell.family, cell.row, cell.path) == (family, row, path)]
        values = {
            f.key: [v for v in map(f.read, (cell.metrics for cell in own)) if v is not None] for f in FIGURES
        }
        intervals = [_inside("mutual_information", "interval")(cell.metrics) for cell in own]
        yield {
            "family": family,
            "row": row,
            "path": path,
            "models": [cell.model for cell in own],
            "values": values,
            "mutual_intervals": intervals,
        }


def _place(key: tuple[str, str, str]) -> tuple[int, int, str, int]:
    family, row, path = key
    return list(TITLES).index(family), 0 if path == "visvae" else 1, row, list(PATHS).index(path)


def _page(rows: list[dict[str, Any]], missing: Sequence[str], about: str) -> str:
    parts = ["# Table 1, made again", about]
    for family, title in TITLES.items():
        of_family = [row for row in rows if row["family"] == family]
        if of_family:
            parts += [f"## {title}", _table(family, of_family)]
    if missing:
        parts += ["## Not in the table", "\n".join(f"* {sentence}" for sentence in missing)]
    return "\n\n".join(parts) + "\n"


def _table(family: str, rows: list[dict[str, Any]]) -> str:
    lines = ["| | " + " | ".join(f.heading for f in FIGURES) + " |", "|---|" + "---|" * len(FIGURES)]
    lines += [f"| {_name(row)} | " + " | ".join(_shown(row, f) for f in FIGURES) + " |" for row in rows]
    for name, known in PAPER.get(family, ()):
        lines.append(f"| {name} | " + " | ".join(known.get(f.key, "") for f in FIGURES) + " |")
    return "\n".join(lines)


def _name(row: dict[str, Any]) -> str:
    count = len(row["models"])
    return f"{row['row']}{PATHS[row['path']]}" + (f" ({count} trainings)" if count > 1 else "")


def _shown(row: dict[str, Any], figure: Figure) -> str:
    values, intervals = row["values"][figure.key], row["mutual_intervals"]
    text = figure.shown(values)
    if figure.key == "mutual" and len(values) == 1:
        low, high = intervals[0]
        text += f" ({low:.2f} to {high:.2f})"
    return text
