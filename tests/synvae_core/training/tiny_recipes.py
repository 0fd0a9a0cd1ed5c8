"""Recipes that train in a moment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from torch import Tensor

from synvae_core.training.checkpoint import load_tensors
from synvae_core.training.config import Recipe, SynVaeRecipe, VisVaeRecipe, parse_recipe

PICTURE = {"kind": "mnist", "latent": 8, "widths": [2, 2]}
MUSIC = {"steps": 32, "latent": 8, "encoder": [6], "decoder": [5], "bars": 2, "bar_start": "empty"}
LOOP = {"batch": 8, "steps": 6, "validate_every": 3, "save_every": 2, "seed": 3}


def music_recipe(**changes: object) -> Recipe:
    """A tiny MusicVAE of two bars."""
    return parse_recipe(LOOP | {"task": "musicvae", "model": MUSIC} | changes)


def synvae_recipe(visual: VisVaeRecipe, music: Path, **changes: object) -> SynVaeRecipe:
    """A tiny SynVAE on the pictures of `visual`, through the MusicVAE in the folder `music`."""
    values = LOOP | {"task": "synvae", "data": visual.data, "model": PICTURE, "music": str(music)}
    return SynVaeRecipe.model_validate(values | changes)


def tensors_of(path: Path) -> dict[str, Tensor]:
    """The tensors of a file of weights."""
    return load_tensors(path)[0]


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """The rows of a run's log."""
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
