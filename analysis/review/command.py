"""`python -m analysis review` and `python -m analysis paragraphs`: their options and what they print."""

import argparse
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.review import Review

_RULES = """rules.json is one object, such as
  {"median_ms_at_least": 800, "same_place_fewer_than": 15, "listens_at_least": 1, "headphones_passed": true}
with the rules finished (true unless it is set to false), answers_at_least, median_ms_at_least,
same_place_fewer_than, plays_at_least, listens_at_least, headphones_passed, first_visit_only.
"""


def add_review_options(parser: argparse.ArgumentParser) -> None:
    """Options that both commands share, beside those of every command on answers."""
    parser.epilog = _RULES
    parser.add_argument("--mixed", action="store_true", help="fit the mixed model too (needs gpboost)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def print_review(options: argparse.Namespace) -> None:
    """Run `review`."""
    from analysis.review.report import review_report
    from analysis.tables import review_json

    found = _review(options)
    if options.json:
        print(json.dumps(review_json(found), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        print(review_report(found), end="")


def print_paragraphs(options: argparse.Namespace) -> None:
    """Run `paragraphs`."""
    from dataclasses import asdict

    from analysis.paragraphs import paragraphs

    found = paragraphs(_review(options))
    if options.json:
        print(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        print(f"Methods\n\n{found.methods}\n\nResults\n\n{found.results}")


def _review(options: argparse.Namespace) -> "Review":
    from analysis.counting import with_unfinished
    from analysis.exclusions import read_rules
    from analysis.review import review
    from analysis.tables import read_long_csv

    rules = with_unfinished(read_rules(options.rules) if options.rules else None, options.unfinished)
    return review(
        read_long_csv(options.answers),
        seed=options.seed,
        draws=options.draws,
        exclusions=rules,
        condition=options.condition,
        described=options.described,
        mixed=options.mixed,
    )
