"""`manage.py verify_orders`: derive every session's orders from its seed again, and compare."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysis import AnalysisError
from analysis.tables import read_long_csv
from study.domain import order_files, verification
from study.errors import EarsightError
from study.management.arguments import named_study


class Command(BaseCommand):
    """Ends with status 1 when an order is not what its seed gives."""

    help = (
        "Re-derive the order of trials and options of every session from its seed: of a study of this site, "
        "or of a downloaded file, for which no database is needed."
    )
    requires_system_checks = ()  # a file needs no site

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare which study, or which files."""
        parser.add_argument("study", metavar="STUDY", nargs="?", help="number or public code of a study")
        parser.add_argument("--file", type=Path, metavar="ORDERS.json", help="downloaded: check this instead")
        parser.add_argument(
            "--answers", type=Path, metavar="ANSWERS.csv", help="with --file: the long table must agree too"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare every session and name those that differ."""
        if (options["study"] is None) == (options["file"] is None):
            raise CommandError("Name a study, or a file of orders with --file.")
        try:
            said = _of_file(options["file"], options["answers"]) if options["file"] else _of_study(options)
        except (EarsightError, AnalysisError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(said)


def _of_study(options: dict[str, Any]) -> str:
    study = named_study(options["study"])
    _refuse([str(session.pk) for session in verification.sessions_out_of_order(study)])
    return f"The orders of all {study.sessions.count()} sessions follow from their seeds."


def _of_file(path: Path, table: Path | None) -> str:
    content = order_files.read(path)
    _refuse(order_files.sessions_out_of_order(content))
    said = f"The orders of all {len(content['sessions'])} sessions follow from their seeds."
    if table is None:
        return said
    answers = read_long_csv(table)
    contradicted = order_files.answers_out_of_order(content, answers)
    if contradicted:
        raise CommandError(f"Answers of these sessions do not fit their orders: {', '.join(contradicted)}.")
    return f"{said} All {len(answers)} answers fit them."


def _refuse(different: Sequence[str]) -> None:
    if different:
        raise CommandError(
            f"These sessions were not shown in the order of their seed: {', '.join(different)}."
        )
