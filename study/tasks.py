"""The jobs: each takes an id and calls one domain verb; running it twice changes nothing."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from study.domain import building

logger = logging.getLogger(__name__)


@shared_task
def run_build(build_id: int) -> None:
    """Carry out a queued build."""
    building.run(build_id)


@shared_task
def sweep() -> None:
    """Take up again the builds whose worker or message is gone."""
    for build_id in building.sweep():
        enqueue_build(build_id)


def enqueue_build(build_id: int) -> None:
    """Send a build to the workers, after the commit; with the broker away the sweep sends it later."""
    try:
        run_build.delay(build_id)
    except (OperationalError, OSError) as error:
        logger.warning(
            "The broker did not take build %s (%s); the sweep will send it again.", build_id, error
        )
