"""The training loop of all three models: seeded, resumable at any step, safe to stop at any moment."""

from __future__ import annotations

import json
import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Adam
from tqdm import tqdm

from synvae_core.precision import bfloat16_products
from synvae_core.training.checkpoint import CheckpointError, load_tensors, save_tensors, write_whole
from synvae_core.training.classifier_task import ClassifierTask
from synvae_core.training.config import ClassifierRecipe, MusicVaeRecipe, Recipe, Schedule, VisVaeRecipe
from synvae_core.training.models import save_model
from synvae_core.training.music_task import MusicVaeTask
from synvae_core.training.tasks import Figures, SynVaeTask, Task, VisVaeTask, seeded

STEP_SEEDS = 1_000_003  # a prime apart, so that no two steps of neighbouring seeds share their noise


@dataclass(frozen=True)
class Outcome:
    """How a run ended: after which step, whether it was the last, and the last validation's figures."""

    step: int
    finished: bool
    figures: Figures


@dataclass
class _Run:
    """A run's state: all of it is in latest.safetensors, so that resuming goes on exactly."""

    recipe: Recipe
    folder: Path
    task: Task
    optimizer: Adam
    step: int = 0
    best: float = math.inf
    figures: Figures = field(default_factory=dict)

    @property
    def latest(self) -> Path:
        return self.folder / "latest.safetensors"


def make_task(recipe: Recipe) -> Task:
    """The task of a recipe, its network initialised from the recipe's seed."""
    torch.manual_seed(recipe.seed)
    if isinstance(recipe, VisVaeRecipe):
        return VisVaeTask(recipe)
    if isinstance(recipe, MusicVaeRecipe):
        return MusicVaeTask(recipe)
    if isinstance(recipe, ClassifierRecipe):
        return ClassifierTask(recipe)
    return SynVaeTask(recipe)


def learning_rate(schedule: Schedule, step: int) -> float:
    """The rate at a step: a linear warm-up, then none, a linear or a cosine fall to zero."""
    left = 1 - step / schedule.steps
    fall = {"none": 1.0, "linear": left, "cosine": 0.5 * (1 + math.cos(math.pi * (1 - left)))}[schedule.decay]
    return schedule.learning_rate * fall * min(1.0, (step + 1) / max(1, schedule.warm_up))


def batch_indices(examples: int, schedule: Schedule, step: int) -> Tensor:
    """The examples of a step (B,): whole passes in an order drawn per pass, incomplete batches dropped."""
    size = min(schedule.batch, examples)
    epoch, place = divmod(step, examples // size)
    order = torch.randperm(examples, generator=seeded(schedule.seed * STEP_SEEDS - 1 - epoch))
    return order[place * size : (place + 1) * size]


def run(recipe: Recipe, folder: Path, *, resume: bool = False, quiet: bool = False) -> Outcome:
    """Train `recipe` into `folder`: the best model.safetensors and config.json, latest.safetensors and the
    log metrics.jsonl.

    Ctrl-C finishes the step, saves and returns; `resume` goes on from there with the same numbers as a run
    that was never stopped. Raises CheckpointError if the folder holds a run and `resume` is not set, or if
    there is none to resume.
    """
    state = _begin(recipe, folder, resume)
    with _stop_signal() as stopped, _bar(state, quiet) as bar:
        while state.step < recipe.steps and not stopped:
            figures = _train_step(state)
            bar.update(recipe.batch)
            bar.set_postfix({name: f"{value:.4g}" for name, value in figures.items()}, refresh=False)
            _after_step(state, figures)
        _save(state)
    return Outcome(state.step, state.step == recipe.steps, state.figures)


def _begin(recipe: Recipe, folder: Path, resume: bool) -> _Run:
    task = make_task(recipe)
    trained = [p for p in task.network.parameters() if p.requires_grad]
    state = _Run(recipe, folder, task, Adam(trained, lr=recipe.learning_rate))
    if resume:
        _restore(state)
    elif state.latest.exists():
        raise CheckpointError(f"{folder} already holds a training run: resume it, or choose another folder.")
    else:
        write_whole(folder / "recipe.json", (recipe.model_dump_json(indent=1) + "\n").encode())
        write_whole(folder / "metrics.jsonl", b"")
    return state


def _train_step(state: _Run) -> Figures:
    recipe, step = state.recipe, state.step
    for group in state.optimizer.param_groups:
        group["lr"] = learning_rate(recipe, step)
    chosen = batch_indices(state.task.examples, recipe, step)
    state.task.network.train()
    with bfloat16_products(recipe.bfloat16):
        loss, figures = state.task.loss(chosen, step, seeded(recipe.seed * STEP_SEEDS + step))
        state.optimizer.zero_grad()
        loss.backward()
    if recipe.clip is not None:
        figures["gradient"] = nn.utils.clip_grad_norm_(state.task.network.parameters(), recipe.clip).item()
    if not math.isfinite(figures["loss"]):
        raise CheckpointError(
            f"The loss is not finite at step {step}: train again with a lower learning_rate; the last "
            "checkpoint is kept."
        )
    state.optimizer.step()
    state.step += 1
    return figures


def _after_step(state: _Run, figures: Figures) -> None:
    recipe, last = state.recipe, state.step == state.recipe.steps
    if state.step % recipe.validate_every == 0 or last:
        state.task.network.eval()
        with bfloat16_products(recipe.bfloat16):
            state.figures = state.task.validate()
        _log(state, {"step": state.step, "train": figures, "validation": state.figures})
        if state.figures["loss"] < state.best:
            state.best = state.figures["loss"]
            save_model(state.folder, *state.task.export())
    if state.step % recipe.save_every == 0:
        _save(state)


def _log(state: _Run, row: dict[str, Any]) -> None:
    path = state.folder / "metrics.jsonl"
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
    except OSError as error:
        raise CheckpointError(
            f"{path} could not be written ({error.strerror}): free some space, then resume from the last "
            "checkpoint."
        ) from error


def _save(state: _Run) -> None:
    tensors = {f"network.{name}": tensor for name, tensor in state.task.network.state_dict().items()}
    for index, slots in state.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{slot}": value for slot, value in slots.items()}
    notes = {"step": state.step, "best": state.best, "recipe": state.recipe.model_dump(mode="json")}
    save_tensors(state.latest, tensors, notes)


def _restore(state: _Run) -> None:
    tensors, notes = load_tensors(state.latest)
    if notes.get("recipe") != state.recipe.model_dump(mode="json"):
        raise CheckpointError(
            f"The run in {state.folder} was started with another recipe; resume it with that one."
        )
    network: dict[str, Tensor] = {}
    slots: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        owner, rest = name.split(".", 1)
        if owner == "network":
            network[rest] = tensor
        else:
            index, slot = rest.split(".", 1)
            slots.setdefault(int(index), {})[slot] = tensor
    state.task.network.load_state_dict(network)
    state.optimizer.load_state_dict(state.optimizer.state_dict() | {"state": slots})
    state.step, state.best = notes["step"], notes["best"]
    _forget_later_rows(state)


def _forget_later_rows(state: _Run) -> None:
    """Drop the log's rows of steps that were not saved and will be taken again, and a row cut by a crash."""
    path = state.folder / "metrics.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.exists() else []
    whole = [line for line in lines if line.endswith("}\n")]
    kept = [line for line in whole if json.loads(line)["step"] <= state.step]
    write_whole(path, "".join(kept).encode())


def _bar(state: _Run, quiet: bool) -> tqdm[None]:
    total, done = (steps * state.recipe.batch for steps in (state.recipe.steps, state.step))
    return tqdm(total=total, initial=done, unit="ex", unit_scale=True, disable=quiet, mininterval=1)


@contextmanager
def _stop_signal() -> Iterator[list[int]]:
    """A list that Ctrl-C or a polite kill fills; outside the main thread signals stay as they are."""
    received: list[int] = []

    def receive(number: int, frame: FrameType | None) -> None:
        received.append(number)

    try:
        before = {number: signal.signal(number, receive) for number in (signal.SIGINT, signal.SIGTERM)}
    except ValueError:
        yield received
        return
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
