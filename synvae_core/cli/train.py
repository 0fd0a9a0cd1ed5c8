"""Train a model by a YAML recipe: VisVAE, MusicVAE or SynVAE. Ctrl-C saves; --resume goes on exactly."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from synvae_core.cli.output import print_json

EXAMPLES = """  python -m synvae_core train visvae-mnist
  python -m synvae_core train my_recipe.yaml -o runs/mine
  python -m synvae_core train my_recipe.yaml -o runs/mine --resume"""
STOPPED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The recipe and the run's folder."""
    parser.add_argument("recipe", help="a YAML file, or the name of a recipe that comes with Earsight")
    parser.add_argument("-o", "--output", type=Path, help="the run's folder (default: var/runs/RECIPE)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in that folder")


def run(arguments: argparse.Namespace) -> int:
    """Trains to the end, or until Ctrl-C."""
    from synvae_core.training.config import read_recipe
    from synvae_core.training.loop import run as train

    folder = arguments.output or Path("var/runs") / Path(arguments.recipe).stem
    quiet = arguments.json or not sys.stderr.isatty()
    outcome = train(read_recipe(arguments.recipe), folder, resume=arguments.resume, quiet=quiet)
    if arguments.json:
        print_json(
            {"folder": str(folder), "step": outcome.step, "finished": outcome.finished, **outcome.figures}
        )
    else:
        figures = ", ".join(f"{name} {value:.4g}" for name, value in outcome.figures.items())
        print(f"{folder}: step {outcome.step}" + (f"; validation: {figures}" if figures else ""))
    if not outcome.finished:
        print(f"Stopped and saved; repeat with '-o {folder} --resume' to go on.", file=sys.stderr)
    return 0 if outcome.finished else STOPPED
