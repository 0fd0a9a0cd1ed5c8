"""Keeps a job's heartbeat going while one long step, such as reading many pictures, reports nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

if TYPE_CHECKING:
    from django.db.models import QuerySet

BEATS_BEFORE_STALE = 6
logger = logging.getLogger(__name__)


class Job(Protocol):
    """A row that one worker at a time holds, with a heartbeat."""

    pk: Any

    def held(self) -> QuerySet[Any]:
        """Return the row while it is still this worker's."""


@contextmanager
def beating(job: Job, stale_after: timedelta | None = None) -> Iterator[None]:
    """Touch the job now and then from a thread of its own, until the work is done or the process dies.

    It beats BEATS_BEFORE_STALE times before the job would count as left behind: a build's time by default.
    """
    done = threading.Event()
    pause = (stale_after or settings.BUILD_STALE_AFTER).total_seconds() / BEATS_BEFORE_STALE
    threading.Thread(target=_beat, args=(job, pause, done), daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _beat(job: Job, pause: float, done: threading.Event) -> None:
    try:
        while not done.wait(pause) and touch(job):
            pass
    finally:
        connection.close()


def touch(job: Job) -> bool:
    """Say that the job's worker is alive; False once the job is no longer this worker's."""
    try:
        return bool(job.held().update(heartbeat_at=timezone.now()))
    except DatabaseError as error:  # a busy database: the next beat will do
        logger.warning("The heartbeat of %s could not be written: %s", job, error)
        return True
