"""`manage.py rehearse STUDY`: simulated volunteers take a study on the running server."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from study.domain import rehearsal
from study.domain.rehearsal_report import Report
from study.errors import EarsightError
from study.management.arguments import named_study


class Command(BaseCommand):
    """Ends with status 1 unless everybody came through and no acknowledged answer is lost or changed."""

    help = "Send simulated volunteers through the pages and API of a running server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the cast."""
        parser.add_argument("study", metavar="STUDY", help="number or public code of a published study")
        parser.add_argument("--sessions", type=int, default=21)
        parser.add_argument("--accuracy", type=float, default=0.71, help="share of right answers, 0 to 1")
        parser.add_argument("--at-once", type=int, default=4, help="volunteers at the same time")
        parser.add_argument("--double-clicks", type=float, default=0.1, help="share of answers sent twice")
        parser.add_argument(
            "--described", type=float, default=0.0, help="share who choose among written descriptions"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--url", default=settings.SITE_URL, help="where the server is (%(default)s)")
        parser.add_argument("--json", action="store_true", help="one JSON object for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        """Hold the rehearsal and print its report."""
        study = named_study(options["study"])
        names = ("sessions", "accuracy", "at_once", "double_clicks", "described", "seed")
        try:
            cast = rehearsal.Cast(**{name: options[name] for name in names})
            report = rehearsal.hold(study, options["url"], cast)
        except EarsightError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(asdict(report), indent=1) if options["json"] else _words(report))
        if not report.flawless:
            raise CommandError("The rehearsal was not flawless, see above.")


def _words(report: Report) -> str:
    lines = [
        f"{report.finished} of {report.sessions} volunteers came through in {report.seconds:.1f} s.",
        f"{report.acknowledged} answers acknowledged, {report.stored} stored, "
        f"{report.lost} lost, {report.changed} changed, {report.doubled} doubled.",
    ]
    if report.accuracy is not None:
        lines.append(f"{100 * report.accuracy:.0f} % of the answers were right.")
    for kind, times in report.milliseconds.items():
        lines.append(
            f"{kind}: {times['requests']} requests, "
            f"p50 {times['p50']} ms, p95 {times['p95']} ms, p99 {times['p99']} ms"
        )
    lines += [f"error: {sentence}" for sentence in report.errors[:20]]
    return "\n".join(lines)
