"""The jobs: each takes an id and calls one domain verb; running it twice changes nothing."""

import logging
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from kombu.exceptions import OperationalError

from study.domain import building, exports, machine, own_pictures, privacy

logger = logging.getLogger(__name__)


@shared_task
def run_build(build_id: int) -> None:
    """Carry out a queued build."""
    building.run(build_id)


@shared_task
def sweep() -> None:
    """Take up again the builds whose worker or message is gone."""
    for build_id in building.sweep():
        logger.warning("Build %s was left behind; it is sent again.", build_id)
        enqueue_build(build_id)


@shared_task
def run_listening(stimuli_id: int) -> None:
    """Let the machine listen to stimuli that were built before it could."""
    machine.run(stimuli_id)


@shared_task
def run_picture(picture_id: int) -> None:
    """Make the music of a picture that somebody sent."""
    own_pictures.run(picture_id)


@shared_task
def sweep_pictures() -> None:
    """Take up again the pictures whose worker or message is gone, and delete those whose hour is over."""
    for picture_id in own_pictures.sweep():
        enqueue_picture(picture_id)
    own_pictures.purge()


@shared_task
def run_export(export_id: int) -> None:
    """Make a study's package."""
    exports.run(export_id)


@shared_task
def sweep_exports() -> None:
    """Take up again the packages whose worker or message is gone, and delete those that are over."""
    for export_id in exports.sweep():
        enqueue_export(export_id)
    exports.purge()


@shared_task
def purge_visits() -> None:
    """Delete the visits that their studies have kept long enough."""
    if purged := privacy.purge():
        logger.info("%s visits were kept long enough and are deleted.", purged)


@worker_ready.connect
def sweep_at_start(**_: Any) -> None:
    """Sweep as soon as a worker is up: it may follow one that was killed."""
    sweep.delay()
    sweep_pictures.delay()
    sweep_exports.delay()
    purge_visits.delay()


def enqueue_listening(stimuli_id: int) -> None:
    """Send stimuli to the workers, to be listened to; with the broker away whoever asked asks again."""
    try:
        run_listening.delay(stimuli_id)
    except (OperationalError, OSError) as error:
        logger.warning("The broker did not take the listening to stimuli %s (%s).", stimuli_id, error)


def enqueue_picture(picture_id: int) -> None:
    """Send a picture to the workers, after the commit; with the broker away the sweep sends it later."""
    try:
        run_picture.delay(picture_id)
    except (OperationalError, OSError) as error:
        logger.warning("The broker did not take picture %s (%s); the sweep will send it.", picture_id, error)


def enqueue_export(export_id: int) -> None:
    """Send a package to the workers, after the commit; with the broker away the sweep sends it later."""
    try:
        run_export.delay(export_id)
    except (OperationalError, OSError) as error:
        logger.warning("The broker did not take package %s (%s); the sweep will send it.", export_id, error)


def enqueue_build(build_id: int) -> None:
    """Send a build to the workers, after the commit; with the broker away the sweep sends it later."""
    try:
        run_build.delay(build_id)
    except (OperationalError, OSError) as error:
        logger.warning("The broker did not take build %s (%s); the sweep will send it.", build_id, error)
