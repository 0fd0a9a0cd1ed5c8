"""The training loop of all models: seeded, resumable at any step, safe to stop at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.optim import Adam
from tqdm import tqdm

from synvae_core.memory import keep_freed_memory
from synvae_core.noise import Share, seeded
from synvae_core.precision import bfloat16_products
from synvae_core.training.checkpoint import CheckpointError
from synvae_core.training.classifier_task import ClassifierTask
from synvae_core.training.config import ClassifierRecipe, MusicVaeRecipe, Recipe, VisVaeRecipe
from synvae_core.training.models import save_model
from synvae_core.training.music_task import MusicVaeTask
from synvae_core.training.not_finite import NotFinite, check_finite, check_validation
from synvae_core.training.schedule import batch_indices, learning_rate, noise_seed
from synvae_core.training.state import Run, add_row, begin, continue_folder, restore, save, what_is_left
from synvae_core.training.stopping import stop_signal
from synvae_core.training.tasks import Figures, SynVaeTask, Task, VisVaeTask


@dataclass(frozen=True)
class Outcome:
    """How a run ended: after which step, whether it was the last, and the last validation's figures."""

    step: int
    finished: bool
    figures: Figures


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


def run(recipe: Recipe, folder: Path, *, resume: bool = False, quiet: bool = False) -> Outcome:
    """Train `recipe` into `folder`: the best model.safetensors and config.json, latest.safetensors and the
    log metrics.jsonl.

    Ctrl-C finishes the step, saves and returns; `resume` goes on from there with the same numbers as a run
    that was never stopped. Raises CheckpointError if the folder holds a run and `resume` is not set, if
    there is none to resume or it cannot be written, and NotFinite for a loss that is no number any more.
    """
    keep_freed_memory()
    state = _begin(recipe, folder, resume)
    try:
        with stop_signal() as stopped, _bar(state, quiet) as bar:
            while state.step < recipe.steps and not stopped:
                figures = _train_step(state)
                bar.update(recipe.batch)
                bar.set_postfix({name: f"{value:.4g}" for name, value in figures.items()}, refresh=False)
                _after_step(state, figures)
            save(state)
    except NotFinite:
        raise
    except CheckpointError as error:
        raise CheckpointError(f"{error} {what_is_left(state)}") from error
    return Outcome(state.step, state.step == recipe.steps, state.figures)


def _begin(recipe: Recipe, folder: Path, resume: bool) -> Run:
    task = make_task(recipe)
    trained = [p for p in task.network.parameters() if p.requires_grad]
    state = Run(recipe, folder, task, Adam(trained, lr=recipe.learning_rate, fused=True))
    if resume:
        restore(state)
        continue_folder(state)
    else:
        begin(state)
    return state


def _train_step(state: Run) -> Figures:
    recipe, step = state.recipe, state.step
    for group in state.optimizer.param_groups:
        group["lr"] = learning_rate(recipe, step)
    chosen = batch_indices(state.task.examples, recipe, step)
    noise = Share(seeded(noise_seed(recipe, step)), 0, len(chosen), len(chosen))
    state.task.network.train()
    with bfloat16_products(recipe.bfloat16):
        loss, figures = state.task.loss(chosen, step, noise)
        state.optimizer.zero_grad()
        loss.backward()
    parameters = [p for p in state.task.network.parameters() if p.grad is not None]
    norm = nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])
    figures["gradient"] = norm.item()
    check_finite(state, figures, chosen, noise)
    if recipe.clip is not None:
        nn.utils.clip_grads_with_norm_(parameters, recipe.clip, norm)
    state.optimizer.step()
    state.step += 1
    return figures


def _after_step(state: Run, figures: Figures) -> None:
    recipe, last = state.recipe, state.step == state.recipe.steps
    if state.step % recipe.validate_every == 0 or last:
        state.task.network.eval()
        with bfloat16_products(recipe.bfloat16):
            state.figures = state.task.validate()
        check_validation(state)
        add_row(state, {"step": state.step, "train": figures, "validation": state.figures})
        if state.figures["loss"] < state.best:
            state.best = state.figures["loss"]
            save_model(state.folder, *state.task.export())
    if state.step % recipe.save_every == 0:
        save(state)


def _bar(state: Run, quiet: bool) -> tqdm[None]:
    total, done = (steps * state.recipe.batch for steps in (state.recipe.steps, state.step))
    return tqdm(total=total, initial=done, unit="ex", unit_scale=True, disable=quiet, mininterval=1)
