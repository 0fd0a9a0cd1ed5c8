"""Which trained models stand in Table 1: shipped ones, and finished runs beside them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

FAMILIES = {"mnist": "mnist", "cifar": "cifar10"}  # the models' name of a data set, and its own
NAME = re.compile(
    r"(?P<row>(?P<kind>visvae|synvae|classifier)-(?P<family>[a-z]+)(-[a-z0-9_.=]+)*?)" r"(-seed\d+)?"
)


@dataclass(frozen=True)
class Model:
    """A trained model's folder, and the row in which runs that differ in their seed alone are averaged."""

    name: str
    row: str
    kind: str
    family: str
    folder: Path


def find_models(shipped: Path, runs: Path) -> tuple[list[Model], list[str]]:
    """The models that can be measured, and a sentence for each that is still in training.

    A run under a shipped model's name is left out: the shipped weights are those that people have.
    """
    places = [*sorted(shipped.glob("*/config.json")), *sorted(runs.glob("*/config.json"))]
    found: dict[str, Model] = {}
    without = []
    for folder in (path.parent for path in places):
        match = NAME.fullmatch(folder.name)
        if match is None or match["family"] not in FAMILIES or folder.name in found:
            continue
        if steps := _steps_left(folder):
            without.append(f"{folder.name} is still in training ({steps} steps are left).")
            continue
        found[folder.name] = Model(folder.name, match["row"], match["kind"], match["family"], folder)
    return list(found.values()), without


def _steps_left(folder: Path) -> int:
    """0 for a finished run, and for a folder that is none."""
    recipe, log = folder / "recipe.json", folder / "metrics.jsonl"
    if not recipe.is_file() or not log.is_file():
        return 0
    taken = [json.loads(line)["step"] for line in log.read_text().splitlines() if line.endswith("}")]
    return int(json.loads(recipe.read_text())["steps"]) - max(taken, default=0)
