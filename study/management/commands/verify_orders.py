"""`manage.py verify_orders STUDY`: derive all orders and conditions from their seeds again, and compare."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from study.domain import verification
from study.management.arguments import named_study


class Command(BaseCommand):
    """Ends with status 1 when a stored order is not what its seed gives."""

    help = "Re-derive the order of trials and options, and the condition, of every session from its seed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare which study."""
        parser.add_argument("study", metavar="STUDY", help="number or public code of a study")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare every session and name those that differ."""
        study = named_study(options["study"])
        different = verification.sessions_out_of_order(study)
        if different:
            numbers = ", ".join(str(session.pk) for session in different)
            raise CommandError(f"These sessions are not what their seed gives: {numbers}.")
        self.stdout.write(f"The orders of all {study.sessions.count()} sessions follow from their seeds.")
