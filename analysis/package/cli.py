"""`python -m analysis recompute`: check a package and compute its numbers again."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import AnalysisError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_WHAT = "check a study's package and compute every number from it again"


class Disagreement(AnalysisError):
    """The package's own numbers are not those that its answers give."""


def add_recompute(commands: "Commands") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "recompute",
        help=_WHAT,
        description=f"{_WHAT}. Ends with status 2 where a file was changed or a number differs.",
        epilog="example:\n  python -m analysis recompute digits-v1-package.zip --json > numbers.json\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("package", type=Path, help="the ZIP that the results page makes")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.set_defaults(run=_recompute)


def _recompute(options: argparse.Namespace) -> None:
    from analysis.package.numbers import as_text
    from analysis.package.recompute import recompute, recomputed_object, report, some

    found, name = recompute(options.package), options.package.name
    print(as_text(recomputed_object(found, name)) if options.json else report(found, name), end="")
    if not found.agrees:
        differing = [f"{file} in {some(keys)}" for file, keys in found.differs.items() if keys]
        raise Disagreement(f"{name} holds other numbers than its answers give: {'; '.join(differing)}.")
