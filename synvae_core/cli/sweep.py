"""Train a grid of models, such as one per beta: in parallel, resumable; ends in a table and a plot."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from synvae_core.cli.arguments import at_least_one
from synvae_core.cli.output import print_json
from synvae_core.cli.train import STOPPED, add_settings, settings_of

if TYPE_CHECKING:
    from synvae_core.sweep.plan import Plan
    from synvae_core.sweep.table import Row

EXAMPLES = """  python -m synvae_core sweep mnist --beta 0.1:2.0:0.1 -o var/sweeps/beta
  python -m synvae_core sweep mnist --beta 0.1,0.5,1 --steps 2000 --jobs 2 -o var/sweeps/short
  python -m synvae_core sweep synvae-mnist --beta 0.2:1:0.2 --grid temperature=0.5,1 -o var/sweeps/syn
The same command again goes on where it was stopped, and tries again what failed."""
FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The recipe, the grid, and the sweep's folder."""
    parser.add_argument("recipe", help="a recipe's name or file; a data set's name means its VisVAE")
    parser.add_argument("--beta", metavar="VALUES", help="first:last:step or a,b,c (--grid beta=VALUES)")
    parser.add_argument(
        "--grid",
        action="append",
        default=[],
        metavar="KEY=VALUES",
        help="another key of the recipe with numbers, as first:last:step or a,b,c; repeatable",
    )
    parser.add_argument("--steps", type=at_least_one, help="the length of each run (--set steps=...)")
    add_settings(parser)
    parser.add_argument("--jobs", type=at_least_one, default=1, help="how many train at a time (default 1)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the sweep's folder")


def run(arguments: argparse.Namespace) -> int:
    """Trains what is not finished, then prints and writes the table and the plot."""
    from synvae_core.sweep import running
    from synvae_core.sweep.table import rows_of

    plan = _plan(arguments)
    quiet = arguments.json or not sys.stderr.isatty()
    with _bar(plan, quiet) as bar:
        done = running.run(plan, jobs=arguments.jobs, progress=lambda plan: _show(plan, bar))
    rows = rows_of(plan.with_finished())
    files = _write(plan, rows)
    if arguments.json:
        print_json({"finished": done, "files": files, "cells": [_plain(row) for row in rows]})
    else:
        _print(rows, files)
    if not done:
        print("Stopped, all runs saved; the same command goes on.", file=sys.stderr)
        return STOPPED
    return FAILED if any(row.status == "failed" for row in rows) else 0


def _plan(arguments: argparse.Namespace) -> Plan:
    from synvae_core.sweep.grid import SweepError, cells, parse_axis
    from synvae_core.sweep.plan import make_plan
    from synvae_core.training.config import RECIPES, read_recipe

    name, visvae = arguments.recipe, f"visvae-{arguments.recipe}"
    settings = settings_of(arguments) + ([f"steps={arguments.steps}"] if arguments.steps else [])
    recipe = read_recipe(visvae if (RECIPES / f"{visvae}.yaml").exists() else name, settings)
    axes = [f"beta={arguments.beta}"] if arguments.beta is not None else []
    grid = dict(parse_axis(text) for text in [*axes, *arguments.grid])
    if not grid:
        raise SweepError("A grid needs a key with values: give --beta 0.1:2.0:0.1, or --grid KEY=VALUES.")
    return make_plan(arguments.output, recipe, cells(grid))


def _write(plan: Plan, rows: list[Row]) -> list[str]:
    from synvae_core.sweep import figure
    from synvae_core.sweep.table import as_csv, as_markdown
    from synvae_core.training.checkpoint import write_whole

    tables = {plan.folder / "sweep.csv": as_csv(rows), plan.folder / "sweep.md": as_markdown(rows)}
    for path, text in tables.items():
        write_whole(path, text.encode())
    plots = [plan.folder / "sweep.svg", plan.folder / "sweep.png"]
    drawn = figure.save(rows, plots, f"{plan.recipe['task']} on {plan.recipe.get('data', 'the corpus')}")
    return [str(path) for path in [*tables, *(plots if drawn else [])]]


def _print(rows: list[Row], files: list[str]) -> None:
    from synvae_core.sweep.table import as_markdown

    print(as_markdown(rows))
    print("\n".join(files))


def _plain(row: Row) -> dict[str, object]:
    return {
        **dict(row.cell.values),
        "status": row.status,
        "step": row.step,
        **row.figures,
        "failure": row.failure,
    }


def _bar(plan: Plan, quiet: bool) -> tqdm[None]:
    total = sum(recipe.steps for recipe in plan.recipes.values())
    return tqdm(total=total, unit="step", unit_scale=True, disable=quiet, leave=False, file=sys.stderr)


def _show(plan: Plan, bar: tqdm[None]) -> None:
    if bar.disable:
        return
    counts = [plan.status(cell) for cell in plan.cells]
    bar.n = sum(plan.step(cell) for cell in plan.cells)
    bar.set_postfix_str(
        f"{counts.count('finished')} of {len(counts)} finished, {counts.count('failed')} failed"
    )
