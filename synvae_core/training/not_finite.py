"""A loss that is no number any more: which step, which examples, and how to go on."""

from __future__ import annotations

import json
import math
from contextlib import suppress

import torch
from torch import Tensor

from synvae_core.noise import Share, seeded
from synvae_core.precision import bfloat16_products
from synvae_core.training.checkpoint import CheckpointError, write_whole
from synvae_core.training.schedule import noise_seed
from synvae_core.training.state import Run, saved_step
from synvae_core.training.tasks import Figures

NAMED = 3  # examples in the sentence; the file has all
FILE = "not_finite.json"


class NotFinite(CheckpointError):
    """The loss or its gradient became infinite or no number."""


def check_finite(run: Run, figures: Figures, chosen: Tensor) -> None:
    """Raise NotFinite unless loss and gradient are finite; `chosen` (B,) are the examples of the step."""
    broken = [name for name in ("loss", "gradient") if not math.isfinite(figures[name])]
    if not broken:
        return
    ids = run.task.names(chosen)
    guilty = _guilty(run, chosen) if broken[0] == "loss" else []
    if run.processes.leads:
        _report(run, figures, ids, [ids[place] for place in guilty])
    raise NotFinite(
        f"The {broken[0]} is not finite ({figures[broken[0]]}) at step {run.step}, "
        f"{_where(ids, guilty)} (all are in {run.folder / FILE}). {_cure(run)}"
    )


def check_validation(run: Run) -> None:
    """Raise NotFinite unless the loss on held-out examples is finite."""
    if not math.isfinite(run.figures["loss"]):
        raise NotFinite(
            f"The loss on held-out examples is not finite ({run.figures['loss']}) after step {run.step}. "
            f"{_cure(run)}"
        )


def _report(run: Run, figures: Figures, ids: tuple[str, ...], guilty: list[str]) -> None:
    report = {"step": run.step, "figures": {n: str(v) for n, v in figures.items()}}
    report |= {"examples": ids, "alone_not_finite": guilty}
    with suppress(CheckpointError):  # the sentence matters more
        write_whole(run.folder / FILE, json.dumps(report, indent=1).encode())


@torch.no_grad()
def _guilty(run: Run, chosen: Tensor) -> list[int]:
    """The places of those examples whose loss alone, with the same noise, is not finite."""
    run.task.network.eval()
    places = []
    for place in range(len(chosen)):
        alone = Share(seeded(noise_seed(run.recipe, run.step)), place, place + 1, len(chosen))
        with bfloat16_products(run.recipe.bfloat16):
            _, figures = run.task.loss(chosen[place : place + 1], run.step, alone)
        if not math.isfinite(float(figures["loss"])):
            places.append(place)
    return places


def _where(ids: tuple[str, ...], guilty: list[int]) -> str:
    if 0 < len(guilty) < len(ids):
        return f"because of {len(guilty)} of its {len(ids)} examples: {_some([ids[i] for i in guilty])}"
    return f"in a batch of {len(ids)} examples: {_some(list(ids))}"


def _some(ids: list[str]) -> str:
    rest = len(ids) - NAMED
    return ", ".join(ids[:NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _cure(run: Run) -> str:
    cures = f"--set learning_rate={run.recipe.learning_rate / 2:g}"
    if run.recipe.clip is None:
        cures += " --set clip=1"
    if run.recipe.bfloat16:
        cures += " --set bfloat16=false"
    step = saved_step(run)
    if step is None:
        return f"Nothing had been saved yet: train again with '{cures}'."
    return f"The checkpoint of step {step} is kept: go on from it with '-o {run.folder} --resume {cures}'."
