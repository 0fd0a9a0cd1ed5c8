"""`python -m analysis power`: its options and what it prints."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.power.model import MOST_SPREAD, Design
from analysis.power.planning import PEOPLE, TARGET
from analysis.power.simulation import STUDIES

if TYPE_CHECKING:
    from analysis.power.spread import Spread

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_EXAMPLES = """examples:
  python -m analysis power --accuracy .5 --people 11 21 40 80
  python -m analysis power --accuracy .45 --trials 12 --options 4 --target .9 --json
  python -m analysis power --from answers.csv --people 20 40 60 -o power.svg

Power is printed with its Monte Carlo standard error. --from takes accuracy, trials, options and both spreads
from the long table of a rehearsal or a pilot; what is named beside it stands in its place.
"""
_DESIGN = ("accuracy", "trials", "options", "sd_people", "sd_items")


def add_power(commands: "Commands") -> None:
    """Add the command to the parser."""
    what = "simulate how many volunteers a study needs"
    parser = commands.add_parser(
        "power",
        help=what,
        description=what,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    usual = Design()
    parser.add_argument("--accuracy", type=float, help=f"true accuracy to find (default {usual.accuracy})")
    parser.add_argument("--people", type=int, nargs="+", default=PEOPLE, help="numbers of volunteers")
    parser.add_argument("--trials", type=int, help=f"trials of each (default {usual.trials})")
    parser.add_argument("--options", type=int, help=f"pictures to choose from (default {usual.options})")
    parser.add_argument(
        "--sd-people", type=float, help=f"spread of volunteers in logits (default {usual.sd_people})"
    )
    parser.add_argument(
        "--sd-items", type=float, help=f"spread of trials in logits (default {usual.sd_items})"
    )
    parser.add_argument("--studies", type=int, default=STUDIES, help=f"simulated studies (default {STUDIES})")
    parser.add_argument("--target", type=float, default=TARGET, help=f"power to reach (default {TARGET})")
    parser.add_argument("--seed", type=int, default=1, help="seed of the simulation (default 1)")
    parser.add_argument(
        "--from", dest="answers", type=Path, help="long table of a rehearsal or a pilot (CSV)"
    )
    parser.add_argument("--condition", help="with --from: the condition (arm) to take")
    parser.add_argument(
        "-o", "--output", type=Path, help="draw the curve: a file ending in .svg, .pdf or .png"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from analysis.power.figure import power_figure
    from analysis.power.planning import plan
    from analysis.power.words import power_json, power_report

    found = _spread(options) if options.answers else None
    if found and not options.json:
        print(f"From {found.answers} answers of {found.people} sessions in {options.answers}.")
    for name in found.at_the_end if found else ():
        print(
            f"analysis: The spread of {name} is the largest that is tried, {MOST_SPREAD:g} logits; these "
            "answers are too few, or too equal, to tell it.",
            file=sys.stderr,
        )
    base = found.design if found else Design()
    design = replace(base, **{name: said for name in _DESIGN if (said := getattr(options, name)) is not None})
    with tqdm(unit=" studies", file=sys.stderr, disable=None, leave=False) as bar:
        planned = plan(
            design, options.people, target=options.target, studies=options.studies, seed=options.seed,
            told=bar.update,
        )  # fmt: skip
    print(power_json(planned) if options.json else power_report(planned), end="")
    if options.output:
        power_figure(planned).save(options.output)


def _spread(options: argparse.Namespace) -> "Spread":
    from analysis.power.spread import spread
    from analysis.tables import read_long_csv

    return spread(read_long_csv(options.answers), condition=options.condition)
