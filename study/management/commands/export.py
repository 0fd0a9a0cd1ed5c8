"""`manage.py export`: write a study's package into a file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from study.domain import exports
from study.errors import EarsightError
from study.management.arguments import named_study
from study.models import Session


class Command(BaseCommand):
    """Makes the ZIP that the results page offers, at once and without a worker."""

    help = "Write the package of a study: tables, codebook, configuration, seeds, numbers, media."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare which study, whose answers, and where to."""
        parser.add_argument("study", metavar="STUDY", help="number or public code of a study")
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="PACKAGE.zip")
        parser.add_argument("--mode", choices=Session.Mode.values, default=Session.Mode.LIVE.value)
        parser.add_argument("--without-media", action="store_true", help="no pictures, clips and melodies")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file whole or not at all, and say what is in it."""
        study, path = named_study(options["study"]), options["output"]
        part = path.with_name(f".{path.name}.part")
        try:
            manifest = exports.write(
                study, part, mode=options["mode"], with_media=not options["without_media"]
            )
            part.replace(path)
        except EarsightError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{path} could not be written: {error.strerror}.") from error
        finally:
            part.unlink(missing_ok=True)
        rows = next(file["rows"] for file in manifest["files"] if file["path"] == manifest["answers"])
        self.stdout.write(
            f"{path}: {rows} answers in {len(manifest['files']) + 1} files, {manifest['cut_at']}."
        )
