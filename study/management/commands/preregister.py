"""`manage.py preregister`: print the preregistration of a study."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from study.domain import preregistration
from study.management.arguments import named_study


class Command(BaseCommand):
    """Writes Markdown to standard output."""

    help = "Print a study's preregistration (AsPredicted's nine questions) as Markdown."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare which study."""
        parser.add_argument("study", metavar="STUDY", help="number or public code of a study")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        self.stdout.write(preregistration.text(named_study(options["study"])), ending="")
