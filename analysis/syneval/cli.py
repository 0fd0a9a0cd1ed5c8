"""`python -m analysis syneval`: the numbers of an evaluation that was made with SynEval."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import AnalysisError, NoAnswers
from analysis.files import write_whole

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_WHAT = "print the numbers of an evaluation made with SynEval, the tool of the paper's authors"


def add_syneval(commands: "Commands") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "syneval",
        help=_WHAT,
        description=f"{_WHAT}, and where its own script would print others.",
        epilog="example:\n  python -m analysis syneval config.json results/ --json -o answers.csv\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("config", type=Path, help="SynEval's config.json")
    parser.add_argument("results", type=Path, help="the folder with one JSON list for each evaluator")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.add_argument("-o", "--output", type=Path, help="write the answers as a long table (CSV), too")
    parser.set_defaults(run=_syneval)


def _syneval(options: argparse.Namespace) -> None:
    from analysis.report import report
    from analysis.summary import summarise
    from analysis.syneval.notes import notes
    from analysis.syneval.reading import read
    from analysis.tables import long_csv, summary_object

    evaluation = read(options.config, options.results)
    if len(evaluation.unfinished) == len(evaluation.choices):
        n = len(evaluation.choices)
        each = "The only evaluation is" if n == 1 else f"All {n} evaluations are"
        raise NoAnswers(f"{each} unfinished: none has a choice in every task, so there is nothing to count.")
    answers = evaluation.answers()
    if options.output:
        _write(options.output, long_csv(answers))
    summary = summarise(answers)
    said = notes(evaluation, summary)
    if options.json:
        told = {"name": evaluation.name, "unfinished": list(evaluation.unfinished), "notes": said}
        content = {**summary_object(summary), "syneval": told}
        print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print(report(summary), end="")
        print("\nBeside SynEval's own script:\n" + "\n".join(f"- {note}" for note in said))


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise AnalysisError(f"{path} could not be written: {error.strerror}.") from error
