"""Keeps a build's heartbeat going while one long step, such as reading many pictures, reports nothing."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from study.models import Build

BEATS_BEFORE_STALE = 6
logger = logging.getLogger(__name__)


@contextmanager
def beating(build: Build) -> Iterator[None]:
    """Touch the build now and then from a thread of its own, until the work is done or the process dies."""
    done = threading.Event()
    threading.Thread(target=_beat, args=(build, done), daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _beat(build: Build, done: threading.Event) -> None:
    pause = settings.BUILD_STALE_AFTER.total_seconds() / BEATS_BEFORE_STALE
    try:
        while not done.wait(pause) and touch(build):
            pass
    finally:
        connection.close()


def touch(build: Build) -> bool:
    """Say that the build's worker is alive; False once the build is no longer this worker's."""
    try:
        return bool(Build.objects.held(build).update(heartbeat_at=timezone.now()))
    except DatabaseError as error:  # a busy database: the next beat will do
        logger.warning("Build %s could not be touched: %s", build.pk, error)
        return True
