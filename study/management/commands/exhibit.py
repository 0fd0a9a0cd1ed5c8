"""`manage.py exhibit`: hang some pictures with their music in a public gallery, or take them down."""

from __future__ import annotations

import argparse
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from study.domain import exhibits
from study.errors import EarsightError


class Command(BaseCommand):
    """Makes the exhibit of a model; its owner may then write what is to be seen in each picture."""

    help = "Hang some pictures of a set, with the music that a model makes of them, in a public gallery."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """What to hang, or what to take down."""
        parser.add_argument("model", nargs="?", help="a model by the name researchers choose it by, as mnist")
        parser.add_argument("--data", default="mnist", help="a set of pictures, mnist or folder:NAME")
        parser.add_argument("--pictures", type=int, default=10, help="how many (default: 10)")
        parser.add_argument("--seed", type=int, default=1, help="equal seeds choose equal pictures")
        parser.add_argument("--title", default="", help="what stands above the pictures")
        parser.add_argument("--about", default="", help="a sentence or two below the title")
        parser.add_argument("--owner", help="the account that may write the texts of the pictures")
        parser.add_argument("--remove", metavar="CODE", help="take down the exhibit with this code instead")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hang or take down, and say where."""
        try:
            if options["remove"]:
                exhibits.remove(options["remove"])
                self.stdout.write("The exhibit is taken down.")
            else:
                self._hang(options)
        except EarsightError as error:
            raise CommandError(str(error)) from error

    def _hang(self, options: dict[str, Any]) -> None:
        if not options["model"] or not options["owner"]:
            raise CommandError("Name the model and, with --owner, the account that the exhibit belongs to.")
        owner = User.objects.filter(username=options["owner"]).first()
        if owner is None:
            raise CommandError(f"Nobody is called {options['owner']!r} here.")
        made = exhibits.make(
            title=options["title"],
            model=options["model"],
            data=options["data"],
            count=options["pictures"],
            seed=options["seed"],
            about=options["about"],
            by=owner,
        )
        self.stdout.write(f"The exhibit hangs at /gallery/{made.code}/")
        self.stdout.write(f"{owner.get_username()} writes its texts at /gallery/{made.code}/texts/")
