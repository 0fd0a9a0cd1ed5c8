"""How long page and package take and how much memory: `python -m benchmarks.packing --sessions 10000`.

A study of 20 trials in a database of its own, every session with its answers and six events a trial. Each
step is a process of its own, so that the highest memory is that step's (Linux: VmHWM). With `--missing .03`
so large a share of answers was never given.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

TRIALS = 20
STEPS = ("fill", "look", "pack", "recompute")
EVENTS = ("shown", "play", "pause", "play", "ended", "hidden")
AT_ONCE = 500  # sessions stored in one transaction


def main() -> None:
    """Fill, pack and recompute in processes of their own, or do the one step that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--missing", type=float, default=0.0)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        _step(options.step, options.sessions, options.missing)
        return
    with TemporaryDirectory() as folder:
        settings = {"EARSIGHT_VAR": folder, "DJANGO_SETTINGS_MODULE": "study.settings"}
        for step in STEPS:
            told = ["--sessions", str(options.sessions), "--missing", str(options.missing), "--step", step]
            command = [sys.executable, "-m", "benchmarks.packing", *told]
            subprocess.run(command, env={**os.environ, **settings}, check=True)


def _step(step: str, sessions: int, missing: float) -> None:
    wall, cpu = time.monotonic(), time.process_time()
    package = Path(os.environ["EARSIGHT_VAR"]) / "package.zip"
    told = _recompute(package) if step == "recompute" else _with_django(step, sessions, missing, package)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{step:10} {time.process_time() - cpu:7.1f} processor s {time.monotonic() - wall:7.1f} s "
        f"{peak:6.0f} MiB at most  {told}",
        flush=True,
    )


def _recompute(package: Path) -> str:
    from analysis.package.recompute import recompute

    found = recompute(package)
    return "agrees" if found.agrees else "DIFFERS"


def _with_django(step: str, sessions: int, missing: float, package: Path) -> str:
    import django

    django.setup()
    if step == "fill":
        return _fill(sessions, missing)
    if step == "look":
        return _look()
    from study.domain import exports
    from study.models import Study

    manifest = exports.write(Study.objects.get(), package, with_media=False)
    rows = sum(file.get("rows", 0) for file in manifest["files"])
    return f"{rows} rows, {package.stat().st_size / 1e6:.1f} MB"


def _look() -> str:
    """Make every number of the page, and draw every figure."""
    import logging

    from study.domain import charts, results
    from study.domain.selecting import Selection
    from study.models import Study

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    study = Study.objects.get()
    summary = results.review(study, Selection()).summary
    drawn = charts.charts(study, Selection())
    for figure in drawn.values():
        figure.render("svg")
    return f"{summary.answers} answers, {summary.missing} missing, {len(drawn)} figures"


def _fill(sessions: int, missing: float) -> str:
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from study.domain import studies
    from tests.world import give_stimuli

    call_command("migrate", verbosity=0)
    owner = User.objects.create_user("owner")
    named = {"organiser": "The Listening Lab", "contact": "lab@example.org"}
    configuration = {"title": "Digits", "trial_count": TRIALS, "seed": 7, **named}
    study = studies.create(by=owner, configuration=configuration)
    give_stimuli(study, owner)
    study = studies.publish(study, by=owner)
    for first in range(0, sessions, AT_ONCE):
        _visits(study, min(AT_ONCE, sessions - first), missing)
    return f"{sessions} sessions"


def _visits(study: object, count: int, missing: float) -> None:
    """Store finished visits: rows as the site stores them, without its requests."""
    from django.db import transaction
    from django.utils import timezone

    from study.domain import orders
    from study.models import Event, Presentation, Response, Session, Trial

    trials = {
        row.number: row for row in Trial.objects.filter(set=study.stimuli_id).prefetch_related("options")
    }  # type: ignore[attr-defined]
    now = timezone.now()
    with transaction.atomic():
        made = Session.objects.bulk_create(
            Session(
                study=study, stimuli_id=study.stimuli_id, study_hash=study.content_hash, consented_at=now,  # type: ignore[attr-defined, misc]
                consent_hash="0" * 64, finished_at=now,
            )
            for _ in range(count)
        )  # fmt: skip
        shown = Presentation.objects.bulk_create(
            Presentation(
                session=one, trial=trials[number], position=place,
                option_order=orders.option_order(one.seed, number, 3),
            )
            for one in made
            for place, number in enumerate(orders.trial_order(one.seed, sorted(trials)), start=1)
        )  # fmt: skip
        Response.objects.bulk_create(
            Response(
                presentation=row, session=row.session, client_id=f"answer-{row.position}",
                study_hash="0" * 64,
                option=row.trial.options.all()[row.option_order[(row.pk * 7 + row.session_id) % 3]],
                screen_position=(row.pk * 7 + row.session_id) % 3, milliseconds=1500 + row.pk % 900,
            )
            for row in shown
            if row.pk * 7919 % 1000 >= 1000 * missing
        )  # fmt: skip
        Event.objects.bulk_create(
            Event(
                session=row.session, presentation=row, kind=kind, client_id=f"{row.position}-event-{place}",
                client_ms=1000 * place, seconds=place / 2,
            )
            for row in shown
            for place, kind in enumerate(EVENTS)
        )  # fmt: skip


if __name__ == "__main__":
    main()
