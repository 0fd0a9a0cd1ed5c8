"""The command line: `python -m sampling plan latents.npz --seed 7 -o plan.json`."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from sampling.design import RULES, Design
from sampling.errors import PlanError, PlanMismatch, SamplingError
from sampling.latents import Latents
from sampling.plan import StudyPlan
from sampling.planning import plan_study, verify_plan

EXAMPLES = """examples:
  python -m sampling plan latents.npz --seed 7 -o plan.json
  python -m sampling plan latents.npz --seed 7 -o plan.json --class-names 0 1 4 --trials 12
  python -m sampling plan latents.npz --seed 7 -o plan.json --classes 4 --rule max_min --merge-small
  python -m sampling verify plan.json latents.npz

latents.npz holds z (N, D), labels (N,), ids (N,) and class_names (K,).
Exit codes: 0 done, 1 the plan does not agree with its seed and latents, 2 bad input."""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        text, summary = options.run(options)
    except SamplingError as error:
        print(f"sampling: {error}", file=sys.stderr)
        return 1 if isinstance(error, PlanMismatch) else 2
    except KeyboardInterrupt:
        print("sampling: stopped.", file=sys.stderr)
        return 130
    print(json.dumps(summary, ensure_ascii=False) if options.json else text)
    return 0


def plan(options: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Plan a study and write its JSON."""
    design = Design(
        classes=tuple(options.class_names) if options.class_names else options.classes,
        examples_per_class=options.examples_per_class,
        trials=options.trials,
        rule=options.rule,
        merge_small=options.merge_small,
        nearest=options.nearest,
    )
    made = plan_study(Latents.load(options.latents), design, options.seed)
    _write(options.output, made.to_json())
    return _told(made, f"written to {options.output}"), _summary(made) | {"plan": str(options.output)}


def _write(path: Path, text: str) -> None:
    """Writes the file whole or not at all; a device, such as /dev/stdout, is written to as it is."""
    device = path.exists() and not path.is_file()
    part = path if device else path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        if not device:
            part.replace(path)
    except OSError as error:
        if not device:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        raise PlanError(
            f"The plan cannot be written to {path}: {error.strerror}; check folder and disk."
        ) from error


def verify(options: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Derive a stored plan again and compare."""
    try:
        stored = StudyPlan.from_json(options.plan.read_bytes())
    except OSError as error:
        raise PlanError(f"The plan {options.plan} cannot be read: {error.strerror}.") from error
    verify_plan(Latents.load(options.latents), stored)
    return _told(stored, "agrees with its seed and latents"), _summary(stored) | {"verified": True}


def _told(plan: StudyPlan, what: str) -> str:
    truths = ", ".join(f"'{name}' {times}" for name, times in plan.truths.items())
    examples = sum(map(len, plan.examples))
    return (
        f"Plan of seed {plan.seed} {what}: {examples} examples, {len(plan.trials)} trials (truths: {truths})."
    )


def _summary(plan: StudyPlan) -> dict[str, Any]:
    return {
        "seed": plan.seed,
        "classes": plan.classes,
        "truths": plan.truths,
        "images": len(plan.image_ids),
        "design": plan.design.to_dict(),
        "latents": plan.latents,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sampling",
        description="Chooses the images of an unbiased listening study.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="plan | verify")
    _add_plan(
        commands.add_parser(
            "plan",
            help="plan a study from latents and a seed",
            epilog=EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )
    check = commands.add_parser(
        "verify",
        help="derive a stored plan again and compare",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("plan", type=Path, help="a plan.json")
    check.add_argument("latents", type=Path, help="the latents.npz it was made from")
    check.add_argument("--json", action="store_true", help="print a summary for machines")
    check.set_defaults(run=verify)
    return parser


def _add_plan(parser: argparse.ArgumentParser) -> None:
    default = Design()
    parser.add_argument("latents", type=Path, help="an .npz with z, labels, ids and class_names")
    parser.add_argument("--seed", type=int, required=True, help="all that is random follows from it")
    parser.add_argument("-o", "--output", type=Path, required=True, help="where to write the plan's JSON")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--classes",
        type=int,
        default=default.classes,
        metavar="K",
        help="how many classes, the most distinct by --rule (default 3)",
    )
    which.add_argument("--class-names", nargs="+", metavar="NAME", help="or exactly these classes")
    parser.add_argument(
        "--rule",
        choices=RULES,
        default=default.rule,
        help="what makes classes distinct: the largest sum of the distances between their "
        "centroids (default), or the largest smallest distance",
    )
    parser.add_argument("--examples-per-class", type=int, default=default.examples_per_class, metavar="N")
    parser.add_argument("--trials", type=int, default=default.trials, metavar="N")
    parser.add_argument(
        "--nearest",
        type=int,
        metavar="N",
        help="draw from so many members nearest to each centroid (default: as many as needed)",
    )
    parser.add_argument(
        "--merge-small", action="store_true", help="merge classes that are too small into the nearest class"
    )
    parser.add_argument("--json", action="store_true", help="print a summary for machines")
    parser.set_defaults(run=plan)


if __name__ == "__main__":
    sys.exit(main())
