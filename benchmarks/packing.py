"""How long a package takes and how much memory: `python -m benchmarks.packing --sessions 10000`.

A study of 20 trials in a database of its own, every session with its answers and six events a trial. Each
step is a process of its own, so that the highest memory is that step's (Linux: VmHWM).
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
EVENTS = ("shown", "play", "pause", "play", "ended", "hidden")
AT_ONCE = 500  # sessions stored in one transaction


def main() -> None:
    """Fill, pack and recompute in processes of their own, or do the one step that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--step", choices=("fill", "pack", "recompute"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        _step(options.step, options.sessions)
        return
    with TemporaryDirectory() as folder:
        settings = {"EARSIGHT_VAR": folder, "DJANGO_SETTINGS_MODULE": "study.settings"}
        for step in ("fill", "pack", "recompute"):
            command = [sys.executable, "-m", "benchmarks.packing", "--sessions", str(options.sessions)]
            subprocess.run([*command, "--step", step], env={**os.environ, **settings}, check=True)


def _step(step: str, sessions: int) -> None:
    wall, cpu = time.monotonic(), time.process_time()
    package = Path(os.environ["EARSIGHT_VAR"]) / "package.zip"
    told = _recompute(package) if step == "recompute" else _with_django(step, sessions, package)
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


def _with_django(step: str, sessions: int, package: Path) -> str:
    import django

    django.setup()
    if step == "fill":
        return _fill(sessions)
    from study.domain import exports
    from study.models import Study

    manifest = exports.write(Study.objects.get(), package, with_media=False)
    rows = sum(file.get("rows", 0) for file in manifest["files"])
    return f"{rows} rows, {package.stat().st_size / 1e6:.1f} MB"


def _fill(sessions: int) -> str:
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
        _visits(study, min(AT_ONCE, sessions - first))
    return f"{sessions} sessions"


def _visits(study: object, count: int) -> None:
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
