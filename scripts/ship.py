"""Puts a finished run's best model into synvae_core/pretrained as float16: `python -m scripts.ship RECIPE`.

The recipe and the log go with it, so that a report can show how the model was trained.

Its MODEL_CARD.md is written by hand. A SynVAE must be trained with the MusicVAE as shipped: ship that first.
"""

import argparse
import shutil
import sys
from pathlib import Path

RUNS = Path("var/runs")


def ship(run: Path, name: str) -> Path:
    """Copy the best model of `run` to the shipped folder `name`, floats halved; returns the weights' path."""
    from synvae_core.training.checkpoint import load_tensors
    from synvae_core.training.models import PRETRAINED, read_config, save_model

    tensors, _ = load_tensors(run / "model.safetensors")
    save_model(PRETRAINED / name, read_config(run), tensors, halve=True)
    for history in ("recipe.json", "metrics.jsonl"):
        shutil.copyfile(run / history, PRETRAINED / name / history)
    return PRETRAINED / name / "model.safetensors"


def main() -> int:
    """Ship var/runs/RECIPE under the recipe's name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", help="the name of a recipe that was trained into var/runs")
    name = parser.parse_args().recipe
    weights = ship(RUNS / name, name)
    print(f"{weights}: {weights.stat().st_size / 2**20:.1f} MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
