"""What a sweep is to do: its recipe, its cells and their folders, and how far each of them is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from synvae_core.sweep.grid import Cell, SweepError, cell_named
from synvae_core.training.checkpoint import CheckpointError, load_notes, write_whole
from synvae_core.training.config import Recipe, RecipeError, parse_recipe, with_settings

Status = Literal["finished", "failed", "begun", "waiting"]
LATEST, LOG, FAILURE, PLAN = "latest.safetensors", "metrics.jsonl", "failure.txt", "sweep.json"


@dataclass(frozen=True)
class Plan:
    """A recipe's plain values, and the grid over them, in a folder with one sub-folder for each cell."""

    folder: Path
    recipe: dict[str, Any]
    cells: tuple[Cell, ...]

    @cached_property
    def recipes(self) -> dict[Cell, Recipe]:
        """The recipe of each cell; raises RecipeError for a key or a value that it does not know."""
        return {cell: parse_recipe(with_settings(self.recipe, cell.settings)) for cell in self.cells}

    def with_finished(self) -> Plan:
        """The plan with the finished cells of the same keys that other grids have left in its folder."""
        keys = [key for key, _ in self.cells[0].values]
        names = {path.parent.name for path in self.folder.glob(f"*/{LATEST}")} - {c.name for c in self.cells}
        found = [cell for name in names if (cell := cell_named(name, keys))]
        done = [cell for cell in found if self._was_finished(cell)]
        if not done:
            return self
        return replace(self, cells=tuple(sorted((*self.cells, *done), key=lambda cell: cell.place)))

    def _was_finished(self, cell: Cell) -> bool:
        try:
            return replace(self, cells=(cell,)).status(cell) == "finished"
        except RecipeError:  # no run of this recipe ever had this value
            return False

    def folder_of(self, cell: Cell) -> Path:
        """A normal run's folder."""
        return self.folder / cell.name

    def status(self, cell: Cell) -> Status:
        """How far a cell is, by what lies in its folder."""
        if self.step(cell) == self.recipes[cell].steps and self.rows(cell):
            return "finished"
        if (self.folder_of(cell) / FAILURE).exists():
            return "failed"
        return "begun" if (self.folder_of(cell) / LATEST).exists() else "waiting"

    def step(self, cell: Cell) -> int:
        """The step of the cell's checkpoint, 0 for none."""
        try:
            step = load_notes(self.folder_of(cell) / LATEST).get("step", 0)
        except CheckpointError:
            return 0
        return step if isinstance(step, int) else 0

    def rows(self, cell: Cell) -> list[dict[str, Any]]:
        """The validations in the cell's log that were written whole."""
        try:
            lines = (self.folder_of(cell) / LOG).read_text(encoding="utf-8").splitlines(keepends=True)
        except OSError:
            return []
        return [json.loads(line) for line in lines if line.endswith("}\n")]

    def failure(self, cell: Cell) -> str:
        """What the cell said when it failed, or nothing."""
        try:
            return (self.folder_of(cell) / FAILURE).read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    def begin(self) -> None:
        """Write down what the folder holds; raises SweepError if it holds the sweep of another recipe."""
        path = self.folder / PLAN
        if path.exists():
            changed = _changed(_read(path), self.recipe)
            if changed:
                raise SweepError(
                    f"{self.folder} holds a sweep of another recipe (it differs in {', '.join(changed)}): go "
                    "on with that one, or choose another folder."
                )
        write_whole(path, (json.dumps(self.recipe, indent=1) + "\n").encode())


def make_plan(folder: Path, recipe: Recipe, cells: Sequence[Cell]) -> Plan:
    """A plan whose every cell has been understood; raises RecipeError."""
    plan = Plan(folder, recipe.model_dump(mode="json"), tuple(cells))
    assert plan.recipes  # understood
    return plan


def _read(path: Path) -> dict[str, Any]:
    try:
        return parse_recipe(json.loads(path.read_text(encoding="utf-8"))).model_dump(mode="json")
    except (OSError, ValueError, RecipeError) as error:
        raise SweepError(f"{path} cannot be read ({error}): choose another folder.") from None


def _changed(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    return [key for key in sorted(before.keys() | now.keys()) if before.get(key) != now.get(key)]
