"""The command line: numbers, tables and Figure 2 from a long table of answers.

Exit status 0, or 2 with one sentence on standard error where the input can't be used, or 130 after Ctrl-C.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.answers import Answer
from analysis.compare_command import print_comparison
from analysis.errors import AnalysisError
from analysis.files import write_whole
from analysis.package.cli import add_recompute
from analysis.power.command import add_power
from analysis.review.command import add_review_options, print_paragraphs, print_review
from analysis.syneval.cli import add_syneval

if TYPE_CHECKING:
    from analysis.summary import Summary

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]

_EXAMPLES = """examples:
  python -m analysis summarise answers.csv
  python -m analysis summarise answers.csv --json > summary.json
  python -m analysis summarise answers.csv --unfinished include --draws 10000 --seed 7
  python -m analysis summarise answers.csv --condition Music --rules rules.json
  python -m analysis compare answers.csv --first Control
  python -m analysis compare one-model.csv another-model.csv
  python -m analysis review answers.csv --rules rules.json
  python -m analysis paragraphs answers.csv
  python -m analysis tables answers.csv -o tables/
  python -m analysis figure2 answers.csv -o figure2.svg
  python -m analysis figure2 answers.csv --thumbnails images/ -o figure2.pdf
  python -m analysis figure learning answers.csv -o learning.svg
  python -m analysis figure machine answers.csv --machine machine.json -o machine.pdf
  python -m analysis machine answers.csv machine.json
  python -m analysis power --accuracy .5 --people 11 21 40 80
  python -m analysis recompute package.zip --json
  python -m analysis syneval config.json results/ -o answers.csv

answers.csv is the long table of a study: one row per answer, with the columns session_id, task_id,
option_1_class, option_2_class, ..., truth_class and chosen_class; others are optional.
"""

_FIGURES = ("figure2", "volunteers", "confusion", "learning", "machine", "map")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except AnalysisError as error:
        print(f"analysis: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("analysis: stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader, as in `| head`, has seen enough
        sys.stderr.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis",
        description="Accuracy, sigma, Fleiss' kappa and Figure 2 of a listening study.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_summarise(commands)
    _add_compare(commands)
    _add_reviews(commands)
    _add_tables(commands)
    _add_figure2(commands)
    _add_figure(commands)
    _add_machine(commands)
    add_power(commands)
    add_recompute(commands)
    add_syneval(commands)
    return parser


def _command(commands: "Commands", name: str, what: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=what,
        description=what,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if name == "figure":
        parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(_FIGURES)}")
    parser.add_argument("answers", type=Path, help="long table of answers (CSV)")
    if name != "compare":
        parser.add_argument(
            "--unfinished",
            choices=("exclude", "include"),
            default="exclude",
            help="sessions that did not reach the end: leave them out (default) or count what they answered",
        )
        parser.add_argument(
            "--condition", help="the condition (arm) to count; needed where there are several"
        )
    parser.add_argument(
        "--described",
        choices=("exclude", "only", "include"),
        default="exclude",
        help="sessions that chose by written descriptions of the images: leave them out (default), count "
        "only them, or count them with the others",
    )
    parser.add_argument("--rules", type=Path, help="rules of exclusion, declared before the data (JSON)")
    parser.add_argument("--draws", type=_at_least(1), default=1000, help="bootstrap draws (default 1000)")
    parser.add_argument("--seed", type=_at_least(0), default=1, help="seed of the bootstrap (default 1)")
    return parser


def _add_summarise(commands: "Commands") -> None:
    parser = _command(commands, "summarise", "print the numbers of a study")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.set_defaults(run=_summarise)


def _add_compare(commands: "Commands") -> None:
    what = "print the accuracy of each condition, or of each of several tables, and how they differ"
    parser = _command(commands, "compare", what)
    parser.add_argument(
        "others", type=Path, nargs="*", help="tables of other studies, such as of another model"
    )
    parser.add_argument(
        "--first", metavar="NAME", help="the condition, or table, that others are compared with"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.set_defaults(run=print_comparison)


def _add_reviews(commands: "Commands") -> None:
    parser = _command(commands, "review", "print what reviewers ask: tests, agreement, biases, exclusions")
    add_review_options(parser)
    parser.set_defaults(run=print_review)
    parser = _command(commands, "paragraphs", "write a methods and a results paragraph")
    add_review_options(parser)
    parser.set_defaults(run=print_paragraphs)


def _add_tables(commands: "Commands") -> None:
    parser = _command(commands, "tables", "write wide.csv, trials.csv and summary.json into a folder")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder, made if need be")
    parser.set_defaults(run=_tables)


def _add_figure2(commands: "Commands") -> None:
    parser = _command(commands, "figure2", "draw what volunteers chose in each trial")
    parser.add_argument("-o", "--output", type=Path, required=True, help="file ending in .svg, .pdf or .png")
    parser.add_argument("--thumbnails", type=Path, help="folder of images named by option id")
    parser.set_defaults(run=_figure2)


def _add_figure(commands: "Commands") -> None:
    parser = _command(commands, "figure", "draw one of the figures, by its name")
    parser.add_argument("-o", "--output", type=Path, required=True, help="file ending in .svg, .pdf or .png")
    parser.add_argument("--thumbnails", type=Path, help="folder of images named by option id (figure2)")
    parser.add_argument("--machine", type=Path, help="the machine's listening (machine.json; machine, map)")
    parser.set_defaults(run=_figure)


def _add_machine(commands: "Commands") -> None:
    parser = _command(commands, "machine", "compare people with machine listeners")
    parser.add_argument("machine", type=Path, help="the machine's listening (machine.json)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    parser.set_defaults(run=_machine)


def _at_least(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of at least {least}")
        return int(text)

    return whole_number


def _summarise(options: argparse.Namespace) -> None:
    from analysis.report import report
    from analysis.tables import summary_json

    summary = _summary(options, _read(options))
    print(summary_json(summary) if options.json else report(summary), end="")


def _tables(options: argparse.Namespace) -> None:
    from analysis.tables import summary_json, trials_csv, wide_csv

    answers = _read(options)
    summary = _summary(options, answers)
    _write(options.output / "wide.csv", wide_csv(answers))
    _write(options.output / "trials.csv", trials_csv(summary))
    _write(options.output / "summary.json", summary_json(summary))


def _figure2(options: argparse.Namespace) -> None:
    from analysis.figures.figure2 import figure2
    from analysis.figures.folder import thumbnails_in

    answers = _read(options)
    thumbnails = thumbnails_in(options.thumbnails, answers) if options.thumbnails else None
    figure = figure2(_summary(options, answers), thumbnails)
    figure.save(options.output)
    print(figure.alt_text)


def _figure(options: argparse.Namespace) -> None:
    from analysis.figures.folder import thumbnails_in
    from analysis.figures.material import Material
    from analysis.figures.registry import chart
    from analysis.machine.files import read_machine

    answers = _read(options)
    thumbnails = thumbnails_in(options.thumbnails, answers) if options.thumbnails else None
    machine = read_machine(options.machine) if options.machine else None
    drawn = chart(options.name, Material(answers, _summary(options, answers), thumbnails, machine))
    drawn.save(options.output)
    print(drawn.alt_text)


def _machine(options: argparse.Namespace) -> None:
    from analysis.machine.comparison import beside
    from analysis.machine.comparison_json import beside_json
    from analysis.machine.files import read_machine
    from analysis.machine.report import beside_report

    answers, machine = _read(options), read_machine(options.machine)
    found = beside(answers, _summary(options, answers), machine)
    print(beside_json(found) if options.json else beside_report(found), end="")


def _read(options: argparse.Namespace) -> list[Answer]:
    from analysis.tables import read_long_csv

    return read_long_csv(options.answers)


def _summary(options: argparse.Namespace, answers: Sequence[Answer]) -> "Summary":
    from analysis.exclusions import read_rules
    from analysis.summary import Bootstrap, summarise

    return summarise(
        answers,
        condition=options.condition,
        unfinished=options.unfinished,
        described=options.described,
        rules=read_rules(options.rules) if options.rules else None,
        bootstrap=Bootstrap(draws=options.draws, seed=options.seed),
    )


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    except OSError as error:
        raise AnalysisError(
            f"{path} could not be written: {error.strerror}; check folder and disk."
        ) from error
