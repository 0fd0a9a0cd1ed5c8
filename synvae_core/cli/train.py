"""Train a model by a YAML recipe: VisVAE, MusicVAE, SynVAE, classifier. Ctrl-C saves; --resume goes on."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from synvae_core.cli.output import print_json

if TYPE_CHECKING:
    from synvae_core.training.loop import Outcome

EXAMPLES = """  python -m synvae_core train visvae-mnist
  python -m synvae_core train visvae-paintings --data folder:my/paintings -o var/runs/mine
  python -m synvae_core train visvae-mnist --set beta=1.3 --set steps=2000 -o var/runs/beta13
  python -m synvae_core train my_recipe.yaml -o runs/mine --resume
  torchrun --nproc_per_node 2 -m synvae_core train synvae-cifar -o var/runs/cifar"""
STOPPED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The recipe, what to change in it, and the run's folder."""
    parser.add_argument("recipe", help="a YAML file, or the name of a recipe that comes with Earsight")
    add_settings(parser)
    parser.add_argument("-o", "--output", type=Path, help="the run's folder (default: var/runs/RECIPE)")
    parser.add_argument("--resume", action="store_true", help="go on with the run in that folder")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """What to change in a recipe."""
    parser.add_argument("--data", help="the images: mnist, cifar10, folder:PATH or bam:PATH (--set data=...)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="a key of the recipe and its value, such as learning_rate=0.001 or model.kind=bam; repeatable",
    )


def settings_of(arguments: argparse.Namespace) -> list[str]:
    """The settings that `add_settings` understood."""
    data = [] if arguments.data is None else [f"data={json.dumps(arguments.data)}"]
    return [*data, *arguments.settings]


def run(arguments: argparse.Namespace) -> int:
    """Trains to the end, or until Ctrl-C."""
    from synvae_core.training.config import read_recipe
    from synvae_core.training.loop import run as train

    folder = arguments.output or Path("var/runs") / Path(arguments.recipe).stem
    recipe = read_recipe(arguments.recipe, settings_of(arguments))
    quiet = arguments.json or not sys.stderr.isatty()
    outcome = train(recipe, folder, resume=arguments.resume, quiet=quiet)
    if outcome.leads:
        _print(outcome, folder, arguments.json)
    return 0 if outcome.finished else STOPPED


def _print(outcome: Outcome, folder: Path, as_json: bool) -> None:
    if as_json:
        print_json(
            {"folder": str(folder), "step": outcome.step, "finished": outcome.finished, **outcome.figures}
        )
    else:
        figures = ", ".join(f"{name} {value:.4g}" for name, value in outcome.figures.items())
        print(f"{folder}: step {outcome.step}" + (f"; validation: {figures}" if figures else ""))
    if not outcome.finished:
        print(f"Stopped and saved; repeat with '-o {folder} --resume' to go on.", file=sys.stderr)
