"""A run's state, and its folder: saved, restored, logged, and what to say when something goes wrong."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import Adam

from synvae_core.training.checkpoint import (
    CheckpointError,
    load_notes,
    load_tensors,
    save_tensors,
    write_whole,
)
from synvae_core.training.config import Recipe, RecipeError, parse_recipe
from synvae_core.training.processes import Processes
from synvae_core.training.tasks import Figures, Task

# What may change when a run is resumed: how it is computed and watched, and the cures for a loss that broke.
HOW = {"device", "accumulate", "tensorboard", "validate_every", "save_every"}
CURES = {"learning_rate", "clip", "bfloat16"}


@dataclass
class Run:
    """All of a run's state is in latest.safetensors, so that resuming goes on exactly."""

    recipe: Recipe
    folder: Path
    task: Task
    optimizer: Adam
    processes: Processes = field(default_factory=Processes)
    step: int = 0
    best: float = math.inf
    figures: Figures = field(default_factory=dict)
    stopped: bool = False  # by Ctrl-C or a polite kill, of any process

    @cached_property
    def inputs(self) -> dict[str, str]:
        """What the task reads, which must be the same when the run goes on."""
        return self.task.inputs()

    @property
    def latest(self) -> Path:
        """The checkpoint from which the run is resumed."""
        return self.folder / "latest.safetensors"

    @property
    def log(self) -> Path:
        """One JSON object a line for each validation."""
        return self.folder / "metrics.jsonl"


def begin_folder(run: Run, *, resumed: bool) -> None:
    """Make the folder of a run fit to go on in; the first process writes.

    A resumed one gets its recipe as it is now and keeps its log up to its step. Raises CheckpointError where
    the folder cannot be written, or holds a run that is not to be resumed.
    """
    if run.latest.exists() and not resumed:
        raise CheckpointError(
            f"{run.folder} already holds a training run: resume it, or choose another folder."
        )
    if run.processes.leads:
        write_whole(run.folder / "recipe.json", (run.recipe.model_dump_json(indent=1) + "\n").encode())
        write_whole(run.log, _rows_to_keep(run) if resumed else b"")


def save(run: Run) -> None:
    """Write the checkpoint of this moment in the place of the one before; the first process does."""
    if not run.processes.leads:
        return
    tensors = {f"network.{name}": tensor for name, tensor in run.task.network.state_dict().items()}
    for index, slots in run.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{slot}": value for slot, value in slots.items()}
    notes = {"step": run.step, "best": run.best, "recipe": run.recipe.model_dump(mode="json")}
    notes["inputs"] = run.inputs
    save_tensors(run.latest, tensors, notes)


def restore(run: Run) -> None:
    """Read the checkpoint back; CheckpointError for none, a damaged one or one of another recipe."""
    tensors, notes = load_tensors(run.latest)
    if not {"step", "best", "recipe"} <= notes.keys():
        raise CheckpointError(f"{run.latest} was not written by a training run: bring its own back.")
    _check_recipe(run, notes["recipe"])
    _check_inputs(run, notes.get("inputs", {}))
    network: dict[str, Tensor] = {}
    slots: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        owner, rest = name.split(".", 1)
        if owner == "network":
            network[rest] = tensor
        else:
            index, slot = rest.split(".", 1)
            slots.setdefault(int(index), {})[slot] = tensor
    run.task.network.load_state_dict(network)
    run.optimizer.load_state_dict(run.optimizer.state_dict() | {"state": _laid_out(run, slots)})
    run.step, run.best = notes["step"], notes["best"]


def _laid_out(run: Run, slots: dict[int, dict[str, Tensor]]) -> dict[int, dict[str, Tensor]]:
    """The optimiser's slots in the memory order of their parameters, on which the fused Adam relies."""
    parameters = run.optimizer.param_groups[0]["params"]
    return {
        index: {name: _like(parameters[index], value) for name, value in named.items()}
        for index, named in slots.items()
    }


def _like(parameter: Tensor, value: Tensor) -> Tensor:
    return value if value.ndim == 0 else torch.empty_like(parameter, dtype=value.dtype).copy_(value)


def _check_recipe(run: Run, stored: object) -> None:
    try:
        before = parse_recipe(stored).model_dump(mode="json")
    except RecipeError as error:
        raise CheckpointError(f"{run.latest} was not written by this version: {error}") from None
    now = run.recipe.model_dump(mode="json")
    changed = [
        f"{key} was {before.get(key)} and is {now.get(key)}"
        for key in sorted((before.keys() | now.keys()) - HOW - CURES)
        if before.get(key) != now.get(key)
    ]
    if changed:
        raise CheckpointError(
            f"The run in {run.folder} was started with another recipe ({'; '.join(changed)}): resume it with "
            "that one, or train into another folder."
        )


def _check_inputs(run: Run, before: dict[str, str]) -> None:
    for name in before.keys() & run.inputs.keys():  # older checkpoints know of none
        if before[name] != run.inputs[name]:
            raise CheckpointError(
                f"{name} is not what it was when the run in {run.folder} began: bring that back, or train "
                "into another folder."
            )


def _rows_to_keep(run: Run) -> bytes:
    """The log without rows of steps that were not saved and will be taken again, or a row cut by a crash."""
    lines = run.log.read_text(encoding="utf-8").splitlines(keepends=True) if run.log.exists() else []
    whole = [line for line in lines if line.endswith("}\n")]
    return "".join(line for line in whole if json.loads(line)["step"] <= run.step).encode()


def add_row(run: Run, row: dict[str, Any]) -> None:
    """Append to the log; raises CheckpointError."""
    try:
        with run.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
    except OSError as error:
        raise CheckpointError(
            f"{run.log} could not be written ({error.strerror}): free some space."
        ) from error


def saved_step(run: Run) -> int | None:
    """The step of the checkpoint that is on disk, or none."""
    with suppress(CheckpointError):
        step = load_notes(run.latest).get("step")
        return step if isinstance(step, int) else None
    return None


def what_is_left(run: Run) -> str:
    """Where a run that had to end can be taken up again; promises no checkpoint that is not there."""
    step = saved_step(run)
    if step is None:
        return "Nothing had been saved yet: start again."
    return f"The checkpoint of step {step} is kept: go on from it with '-o {run.folder} --resume'."
