"""`manage.py demo`: build and publish the demonstration study on this machine."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from study.domain import demonstration
from study.errors import EarsightError
from study.models import Build

BAR = 30  # characters


@dataclass
class ProgressLine:
    """Shows a build's stages on a terminal, one line each; elsewhere only their names."""

    stage: str = ""
    lively: bool = field(default_factory=sys.stderr.isatty)

    def __call__(self, build: Build) -> None:
        """Show where the build stands."""
        if build.stage != self.stage:
            sys.stderr.write(("\n" if self.lively and self.stage else "") + f"  {build.stage}")
            sys.stderr.write("" if self.lively else "\n")
            self.stage = build.stage
        if self.lively and build.total:
            filled = BAR * build.progress // build.total
            bar = "#" * filled + "." * (BAR - filled)
            sys.stderr.write(f"\r  {build.stage:40} [{bar}] {build.progress}/{build.total}")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self.lively and self.stage:
            sys.stderr.write("\n")


class Command(BaseCommand):
    """Makes the researcher "demo" and a published study from MNIST; a second run changes nothing."""

    help = "Build and publish the demonstration study, unless it is there already."

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, publish, and say where to sign in."""
        line = ProgressLine()
        try:
            made = demonstration.make(watch=line)
        except EarsightError as error:
            raise CommandError(str(error)) from error
        finally:
            line.end()
        ready = "Built" if made.made_now else "Found"
        self.stdout.write(
            f"{ready} the study {made.study.title!r}; volunteers take it at /s/{made.study.code}/"
        )
        self.stdout.write(f"Sign in as {made.user_name!r}; the password is in {made.password_file}")
