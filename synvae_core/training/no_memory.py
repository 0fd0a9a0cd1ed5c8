"""A batch that does not fit into memory, said with the setting that makes it fit."""

from __future__ import annotations

import torch

from synvae_core.errors import SynvaeError
from synvae_core.training.config import MusicVaeRecipe
from synvae_core.training.state import Run, what_is_left

REFUSED = "can't allocate memory"  # what torch says of a CPU's; a GPU's has a type of its own


class NoMemory(SynvaeError):
    """A step of training needs more memory than there is."""


def refused_memory(error: RuntimeError, run: Run) -> NoMemory | None:
    """The error to raise where `error` says that memory was refused; nothing for any other."""
    if not isinstance(error, torch.OutOfMemoryError) and REFUSED not in str(error):
        return None
    batch, parts = run.recipe.batch, run.recipe.accumulate * 2
    if isinstance(run.recipe, MusicVaeRecipe) or parts > batch:
        cure = f"--set batch={max(1, batch // 2)}"
    else:
        cure = f"--set accumulate={parts} (the same numbers, in smaller parts)"
    return NoMemory(f"A batch of {batch} examples does not fit into memory: use {cure}. {what_is_left(run)}")
