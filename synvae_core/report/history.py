"""How a model was trained: the log and the recipe that its run's folder holds, if it holds them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synvae_core.report.folder import ReportError

LOG, RECIPE = "metrics.jsonl", "recipe.json"


@dataclass(frozen=True)
class Series:
    """One figure over the steps of a run: (step, value) pairs in order, finite values only."""

    name: str
    train: tuple[tuple[int, float], ...]
    validation: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Run:
    """A training run as its folder tells it."""

    name: str
    series: tuple[Series, ...]
    recipe: Mapping[str, str]


def read_run(folder: Path, name: str) -> Run | None:
    """The run of a folder, or None where it has neither a log nor a recipe that can be read."""
    series, recipe = _series(list(_rows(folder / LOG))), _recipe(folder / RECIPE)
    return Run(name, series, recipe) if series or recipe else None


def check_run(folder: Path) -> None:
    """Refuse a folder that somebody named as a run's and that is none; raises ReportError."""
    if read_run(folder, "") is None:
        raise ReportError(f"{folder} holds no training run: there is no {LOG} or {RECIPE} that can be read.")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """The log's rows; a last line that a killed run left half written, or a foreign one, is passed over."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and isinstance(row.get("step"), int):
            yield row


def _series(rows: list[dict[str, Any]]) -> tuple[Series, ...]:
    """A series for each figure that validation has; after a resumed run the later row of a step counts."""
    steps = {row["step"]: row for row in rows}
    names = list(dict.fromkeys(name for row in rows for name in _part(row, "validation")))
    return tuple(
        Series(name, _curve(steps, "train", name), _curve(steps, "validation", name)) for name in names
    )


def _part(row: dict[str, Any], part: str) -> dict[str, Any]:
    values = row.get(part)
    return values if isinstance(values, dict) else {}


def _curve(steps: Mapping[int, dict[str, Any]], part: str, name: str) -> tuple[tuple[int, float], ...]:
    values = ((step, _part(row, part).get(name)) for step, row in sorted(steps.items()))
    return tuple(
        (step, float(value))
        for step, value in values
        if isinstance(value, int | float) and math.isfinite(value)
    )


def _recipe(path: Path) -> dict[str, str]:
    try:
        recipe = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(recipe, dict):
        return {}
    return {str(key): _told(value) for key, value in recipe.items()}


def _told(value: Any) -> str:
    """A setting as people write it: none for null, and the settings within it by their names."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_told(inner)}" for key, inner in value.items() if inner is not None)
    if isinstance(value, list):
        return ", ".join(_told(inner) for inner in value)
    return {None: "none", True: "yes", False: "no"}.get(value, str(value))
