"""The cells of Table 1: what was measured of one path of one training, kept in table1.json with its day."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from synvae_core.metrics.classification import mean_one_vs_rest_accuracy

SHARES = 3  # digits of what lies between 0 and 1, written without the 0


@dataclass(frozen=True)
class Figure:
    """A column: how it is read from PathMetrics as plain values (None where not measured), and its digits."""

    key: str
    heading: str
    read: Callable[[dict[str, Any]], float | None]
    digits: int = SHARES


@dataclass(frozen=True)
class Cell:
    """One path of one training.

    figures       the figures that were measured, by their keys
    interval      of mutual information
    day           on which it was measured ("2026-11-22")
    weights       the beginning of the SHA-256 of the model's weights, "" where it was not noted
    learned_from  how many training images judges, melodies alone and mutual information learned from
    """

    model: str
    row: str
    family: str
    path: str
    figures: dict[str, float]
    interval: tuple[float, float] | None = None
    day: str = ""
    weights: str = ""
    learned_from: int | None = None


def _inside(*keys: str) -> Callable[[dict[str, Any]], Any]:
    def read(metrics: dict[str, Any]) -> Any:
        value: Any = metrics
        for key in keys:
            value = value.get(key) if value else None
        return value

    return read


def _own_against_rest(metrics: dict[str, Any]) -> float | None:
    judged = metrics.get("own_judge")
    return mean_one_vs_rest_accuracy(judged["confusion"]) if judged else None


FIGURES = (
    Figure("mse", "MSE", _inside("mse"), 2),
    Figure("kl", "KL", _inside("kl"), 2),
    Figure("p10_sampled", "P@10, drawn", _inside("p10_sampled")),
    Figure("p10_mean", "P@10, means", _inside("p10_mean")),
    Figure("own_one_vs_rest", "own judge, the original's way (one-vs-rest)", _own_against_rest),
    Figure("own", "accuracy, own judge", _inside("own_judge", "accuracy")),
    Figure("originals", "accuracy, judge of originals", _inside("accuracy")),
    Figure("melodies", "melodies alone", _inside("melodies", "accuracy")),
    Figure("mutual", "I(z_v; z_a), held out", _inside("mutual_information", "donsker_varadhan"), 2),
    Figure("assured", "at least, 95 %", _inside("mutual_information", "demine_bernstein"), 2),
    Figure("paper_style", "I, the paper's way", _inside("mutual_information", "paper_style", "value"), 2),
)


def figures_of(metrics: dict[str, Any]) -> dict[str, float]:
    """What there is of each column in PathMetrics as plain values."""
    values = ((figure.key, figure.read(metrics)) for figure in FIGURES)
    return {key: value for key, value in values if value is not None}


def recorded(file: Path) -> list[Cell]:
    """The cells of a table1.json; none where there is no such file."""
    if not file.is_file():
        return []
    return [_cell(values) for values in json.loads(file.read_text(encoding="utf-8"))["cells"]]


def _cell(values: dict[str, Any]) -> Cell:
    interval = values.pop("interval")
    return Cell(interval=tuple(interval) if interval else None, **values)


def as_json(cells: Sequence[Cell], missing: Sequence[str]) -> bytes:
    """What `recorded` reads, and the sentences on what is missing."""
    content = {"cells": [asdict(cell) for cell in cells], "missing": list(missing)}
    return (json.dumps(content, indent=1) + "\n").encode()


def joined(measured: Sequence[Cell], before: Sequence[Cell]) -> tuple[list[Cell], list[Cell]]:
    """All that is known, and what of it was recorded before and not measured now.

    A recorded cell goes when its path is measured with every figure that it had.
    """
    now = {(cell.model, cell.path): cell for cell in measured}
    kept = [
        cell
        for cell in before
        if (place := (cell.model, cell.path)) not in now or cell.figures.keys() - now[place].figures.keys()
    ]
    stays = {(cell.model, cell.path) for cell in kept}
    return [*(cell for place, cell in now.items() if place not in stays), *kept], kept
