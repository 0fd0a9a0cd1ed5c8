"""`manage.py listen`: let the machine listen to a study that was built before it could."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from study.domain import machine
from study.domain.verification import NotBuilt
from study.errors import EarsightError
from study.management.arguments import named_study


class Command(BaseCommand):
    """Makes machine.json for each kind of music of the study that has none."""

    help = (
        "Let machine listeners take a study whose stimuli they have not heard; new builds are heard at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare which study."""
        parser.add_argument("study", metavar="STUDY", help="number or public code")

    def handle(self, *args: Any, **options: Any) -> None:
        """Listen to what is unheard and say how much that was."""
        study = named_study(options["study"])
        try:
            if study.stimuli is None:
                raise NotBuilt
            waiting = machine.unheard(study)
            for stimuli in waiting:
                machine.make(stimuli)
        except EarsightError as error:
            raise CommandError(str(error)) from error
        kinds = "1 kind" if len(waiting) == 1 else f"{len(waiting)} kinds"
        said = (
            f"has listened to {kinds} of music of this study"
            if waiting
            else "has already listened to this study"
        )
        self.stdout.write(f"The machine {said}.")
