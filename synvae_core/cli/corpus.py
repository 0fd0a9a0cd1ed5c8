"""Build the melody corpus from old tune books, split by piece, and count it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from synvae_core.cli.output import print_json

if TYPE_CHECKING:
    from synvae_core.corpus import CorpusReport

EXAMPLES = """  python -m synvae_core corpus
  python -m synvae_core corpus --bars 2 4 8
  python -m synvae_core corpus --include-essen      for your own experiments only"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The windows' lengths and the books."""
    parser.add_argument(
        "--bars", type=int, nargs="+", default=[1, 2, 4], metavar="N", help="window lengths (default: 1 2 4)"
    )
    parser.add_argument(
        "--include-essen",
        action="store_true",
        help="add the Essen folk songs; their terms are unclear, so never for weights that you share",
    )


def run(arguments: argparse.Namespace) -> int:
    """Builds every length in one pass over the books."""
    from synvae_core.corpus import CorpusError, build_corpus

    if min(arguments.bars) < 1:
        raise CorpusError("A window has at least 1 bar; give --bars 1 or more.")
    reports = build_corpus(*arguments.bars, include_essen=arguments.include_essen)
    if arguments.json:
        print_json({"corpora": reports})
        return 0
    for book, fates in reports[0].tunes.items():
        print(f"{book}: " + ", ".join(f"{count:,} {fate}" for fate, count in fates.items()))
    for bars, report in zip(arguments.bars, reports, strict=True):
        _print_windows(bars, report)
    return 0


def _print_windows(bars: int, report: CorpusReport) -> None:
    print(f"\n{report.path}: windows of {bars} bars      train  validation   test")
    for book, counts in report.windows.items():
        print(f"  {book:32s} {counts['train']:10,} {counts['validation']:11,} {counts['test']:6,}")
    different = report.different
    print(
        f"  {'different':32s} {different['train']:10,} {different['validation']:11,} {different['test']:6,}"
    )
