"""The training loop of all models: seeded, resumable at any step, safe to stop at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim import Adam
from tqdm import tqdm

from synvae_core.data import DataError
from synvae_core.memory import keep_freed_memory
from synvae_core.noise import Share, seeded
from synvae_core.precision import bfloat16_products
from synvae_core.training.board import Board
from synvae_core.training.checkpoint import CheckpointError
from synvae_core.training.classifier_task import ClassifierTask
from synvae_core.training.config import ClassifierRecipe, MusicVaeRecipe, Recipe, ReverseRecipe, VisVaeRecipe
from synvae_core.training.device import CPU
from synvae_core.training.models import save_model
from synvae_core.training.music_task import MusicVaeTask
from synvae_core.training.no_memory import refused_memory
from synvae_core.training.not_finite import NotFinite, check_finite, check_validation
from synvae_core.training.processes import Processes, ProcessesError, joined
from synvae_core.training.reverse_task import ReverseTask
from synvae_core.training.schedule import batch_indices, learning_rate, noise_seed
from synvae_core.training.state import Run, add_row, begin_folder, restore, save, what_is_left
from synvae_core.training.stopping import stop_signal
from synvae_core.training.tasks import Figures, SynVaeTask, Task, VisVaeTask

ALONE = Processes()


@dataclass(frozen=True)
class Outcome:
    """How a run ended: after which step, whether it was the last, and the last validation's figures.

    Of several processes only the one that `leads` validates.
    """

    step: int
    finished: bool
    figures: Figures
    leads: bool = True


def make_task(recipe: Recipe, device: torch.device = CPU) -> Task:
    """The task of a recipe, its network initialised from the recipe's seed."""
    torch.manual_seed(recipe.seed)
    if isinstance(recipe, VisVaeRecipe):
        return VisVaeTask(recipe, device)
    if isinstance(recipe, MusicVaeRecipe):
        return MusicVaeTask(recipe, device)
    if isinstance(recipe, ClassifierRecipe):
        return ClassifierTask(recipe, device)
    if isinstance(recipe, ReverseRecipe):
        return ReverseTask(recipe, device)
    return SynVaeTask(recipe, device)


def run(recipe: Recipe, folder: Path, *, resume: bool = False, quiet: bool = False) -> Outcome:
    """Train `recipe` into `folder`: the best model.safetensors and config.json, latest.safetensors and the
    log metrics.jsonl.

    Ctrl-C finishes the step, saves and returns; `resume` goes on from there with the same numbers as a run
    that was never stopped. Under torchrun all processes train together, and the first one writes. Raises
    CheckpointError if the folder holds a run and `resume` is not set, if there is none to resume or it cannot
    be written, NotFinite for a loss that is no number any more, NoMemory, DeviceError and ProcessesError.
    """
    keep_freed_memory()
    with joined(recipe.device) as processes:
        state = _begin(recipe, folder, resume, processes)
        try:
            _steps(state, quiet or not processes.leads)
        except NotFinite:
            raise
        except (CheckpointError, ProcessesError, DataError) as error:
            raise type(error)(f"{error} {what_is_left(state)}") from error
        except RuntimeError as error:
            raise refused_memory(error, state) or error from None
    return Outcome(state.step, state.step == recipe.steps, state.figures, processes.leads)


def _begin(recipe: Recipe, folder: Path, resume: bool, processes: Processes = ALONE) -> Run:
    with processes.first_alone():  # it unpacks what is streamed
        task = make_task(recipe, processes.device)
    processes.shares(min(recipe.batch, task.examples), recipe.accumulate)  # raises if there are too few
    trained = [p for p in task.network.parameters() if p.requires_grad]
    state = Run(recipe, folder, task, Adam(trained, lr=recipe.learning_rate, fused=True), processes)
    if resume:
        restore(state)
    begin_folder(state, resumed=resume)
    return state


def _steps(state: Run, quiet: bool) -> None:
    with stop_signal() as received, _bar(state, quiet) as bar, Board(state) as board:
        while state.step < state.recipe.steps and not state.stopped:
            figures = _train_step(state, received)
            bar.update(state.recipe.batch)
            bar.set_postfix({name: f"{value:.4g}" for name, value in figures.items()}, refresh=False)
            board.trained(figures)
            _after_step(state, figures, board)
        save(state)


def _train_step(state: Run, received: Sequence[int] = ()) -> Figures:
    recipe, step = state.recipe, state.step
    for group in state.optimizer.param_groups:
        group["lr"] = learning_rate(recipe, step)
    chosen = batch_indices(state.task.examples, recipe, step)
    state.task.network.train()
    state.optimizer.zero_grad()
    figures = _gradient(state, chosen, received)
    gradients = [p.grad for p in state.task.network.parameters() if p.grad is not None]
    norm = nn.utils.get_total_norm(gradients)
    figures["gradient"] = norm.item()
    check_finite(state, figures, chosen)
    if recipe.clip is not None:
        nn.utils.clip_grads_with_norm_(state.task.network.parameters(), recipe.clip, norm)
    state.optimizer.step()
    state.step += 1
    return figures


def _gradient(state: Run, chosen: Tensor, received: Sequence[int]) -> Figures:
    """Leave the gradient of the whole batch `chosen` (B,) in the parameters, and return the batch's figures.

    It is the sum over parts and processes of each part's mean times its share of the batch. What is summed
    also tells every process whether one of them was asked to stop.
    """
    recipe, step, whole = state.recipe, state.step, len(chosen)
    totals: dict[str, Tensor] = {}
    for part, (first, last) in enumerate(state.processes.shares(whole, recipe.accumulate)):
        _expect(state, part + 1)
        noise = Share(seeded(noise_seed(recipe, step)), first, last, whole)
        weight = (last - first) / whole
        with bfloat16_products(recipe.bfloat16):
            loss, figures = state.task.loss(chosen[first:last], step, noise)
            (loss * weight).backward()
        totals = {name: weight * value + totals.get(name, 0) for name, value in figures.items()}
    means = torch.stack(list(totals.values()))
    asked = means.new_tensor([float(bool(received))])
    gradients = [p.grad for p in state.task.network.parameters() if p.grad is not None]
    state.processes.add_up([*gradients, means, asked])
    state.stopped = asked.item() > 0
    return dict(zip(totals, means.tolist(), strict=True))


def _expect(state: Run, part: int) -> None:
    """Tell the task which part comes next, in this step or the following one, while this one is computed."""
    later, part = divmod(part, state.recipe.accumulate)
    step = state.step + later
    if step < state.recipe.steps:
        chosen = batch_indices(state.task.examples, state.recipe, step)
        first, last = state.processes.shares(len(chosen), state.recipe.accumulate)[part]
        state.task.expect(chosen[first:last], step)


def _after_step(state: Run, figures: Figures, board: Board) -> None:
    if not state.processes.leads:
        return
    recipe, last = state.recipe, state.step == state.recipe.steps
    if state.step % recipe.validate_every == 0 or last:
        state.task.network.eval()
        with bfloat16_products(recipe.bfloat16):
            state.figures = state.task.validate()
        check_validation(state)
        add_row(state, {"step": state.step, "train": figures, "validation": state.figures})
        board.validated(state.figures)
        if state.figures["loss"] < state.best:
            state.best = state.figures["loss"]
            save_model(state.folder, *state.task.export())
    if state.step % recipe.save_every == 0:
        save(state)


def _bar(state: Run, quiet: bool) -> tqdm[None]:
    total, done = (steps * state.recipe.batch for steps in (state.recipe.steps, state.step))
    return tqdm(total=total, initial=done, unit="ex", unit_scale=True, disable=quiet, mininterval=1)
