"""`python -m analysis compare`: conditions of one table, or several tables, and what it prints."""

import argparse
import json
from typing import TYPE_CHECKING

from analysis import conditions
from analysis.errors import AnalysisError

if TYPE_CHECKING:
    from analysis.comparison import Comparison
    from analysis.exclusions import Rules


class NothingToCompare(AnalysisError):
    """There is one condition and one table only."""


def print_comparison(options: argparse.Namespace) -> None:
    """Run `compare`."""
    from analysis.exclusions import read_rules
    from analysis.report import comparison_report
    from analysis.tables.comparison_json import comparison_object

    rules = read_rules(options.rules) if options.rules else None
    found = _tables(options, rules) if options.others else _conditions(options, rules)
    if options.json:
        print(json.dumps(comparison_object(found), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print(comparison_report(found), end="")


def _conditions(options: argparse.Namespace, rules: "Rules | None") -> "Comparison":
    from analysis.comparison import compare
    from analysis.summary import Bootstrap
    from analysis.tables import read_long_csv

    answers = read_long_csv(options.answers)
    names = sorted(conditions.names(answers), key=lambda name: (name != options.first, name))
    if options.first is not None and options.first not in names:
        conditions.only(answers, options.first)  # says which there are
    if len(names) < 2:
        raise NothingToCompare(
            f"There is nothing to compare: {options.answers} holds one condition only. Name a second table, "
            "such as of another model."
        )
    drawn = Bootstrap(draws=options.draws, seed=options.seed)
    return compare(answers, names, described=options.described, rules=rules, bootstrap=drawn)


def _tables(options: argparse.Namespace, rules: "Rules | None") -> "Comparison":
    from analysis.comparison import compare_tables
    from analysis.summary import Bootstrap
    from analysis.tables import read_long_csv

    paths = [options.answers, *options.others]
    stems = {path.stem for path in paths}
    tables = [(path.stem if len(stems) == len(paths) else str(path), read_long_csv(path)) for path in paths]
    if options.first is not None and options.first not in {name for name, _ in tables}:
        raise AnalysisError(
            f"No table is called '{options.first}'; there is {', '.join(name for name, _ in tables)}."
        )
    tables.sort(key=lambda table: table[0] != options.first)
    drawn = Bootstrap(draws=options.draws, seed=options.seed)
    return compare_tables(tables, described=options.described, rules=rules, bootstrap=drawn)
