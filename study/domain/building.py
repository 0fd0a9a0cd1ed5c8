"""A build's life: requested, claimed by one worker, kept alive by heartbeats, ended, or swept up again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from study import permissions
from study.domain import pipeline, pulse
from study.domain.drafts import changeable
from study.domain.pipeline import BuildSuperseded
from study.errors import Conflict, EarsightError
from study.models import Build, Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.models import User

MOST_ATTEMPTS = 3
logger = logging.getLogger(__name__)


class AlreadyBuilding(Conflict):
    """This study is already being built."""


class NothingToCancel(Conflict):
    """This build has already ended."""


@transaction.atomic
def request(study: Study, *, by: User) -> Build:
    """Queue a build of this draft. The caller enqueues the job after the commit (`tasks.enqueue_build`).

    Raises:
        StudyFrozen: once published. AlreadyBuilding: while another build waits or runs.
    """
    changeable(study, by=by)  # locked: nobody publishes it between this look and the build
    try:
        with transaction.atomic():
            return Build.objects.create(study=study)
    except IntegrityError as error:
        raise AlreadyBuilding from error


def cancel(build: Build, *, by: User) -> Build:
    """End a build that waits or runs; its worker notices at its next heartbeat.

    Raises:
        NothingToCancel: when it has ended.
    """
    permissions.may_work_on(by, build.study)
    ended = (
        Build.objects.active()
        .filter(pk=build.pk)
        .update(status=Build.Status.CANCELLED, finished_at=timezone.now())
    )
    if not ended:
        raise NothingToCancel
    build.refresh_from_db()
    return build


def claim(build_id: int) -> Build | None:
    """Take a queued build; None when another worker has it or it was cancelled."""
    now = timezone.now()
    claimed = Build.objects.filter(pk=build_id, status=Build.Status.QUEUED).update(
        status=Build.Status.RUNNING,
        attempt=F("attempt") + 1,
        started_at=now,
        heartbeat_at=now,
        stage="Starting",
        progress=0,
        total=0,
    )
    return Build.objects.select_related("study").get(pk=build_id) if claimed else None


def run(build_id: int, *, watch: Callable[[Build], None] | None = None) -> Build | None:
    """Claim a build and carry it out; running it twice changes nothing.

    `watch` is called after each step with the build as it stands. A failure is written into the row as a
    sentence; a build that was cancelled or taken over stops quietly.
    """
    build = claim(build_id)
    if build is None:
        return None
    try:
        with pulse.beating(build):
            pipeline.make(build, watch=watch)
    except BuildSuperseded:
        logger.info("Build %s was cancelled or taken over.", build.pk)
    except EarsightError as error:
        _fail(build, str(error))
    except Exception as error:
        logger.exception("Build %s failed.", build.pk)
        _fail(
            build,
            f"The build stopped unexpectedly ({type(error).__name__}: {error}). The server's log says where.",
        )
    return Build.objects.filter(pk=build_id).first()  # None: its study was deleted meanwhile


def sweep() -> list[int]:
    """Queue again each build whose worker or message is gone; return their numbers, to be enqueued.

    A build that was tried MOST_ATTEMPTS times is ended with a sentence instead.
    """
    stale = Build.objects.stale(older_than=settings.BUILD_STALE_AFTER)
    for build in stale.filter(attempt__gte=MOST_ATTEMPTS):
        _fail(
            build,
            f"The worker stopped {MOST_ATTEMPTS} times without finishing; see whether it has enough memory.",
        )
    requeued = []
    for build in stale.filter(attempt__lt=MOST_ATTEMPTS):
        taken = Build.objects.filter(
            pk=build.pk, status=build.status, heartbeat_at=build.heartbeat_at
        ).update(status=Build.Status.QUEUED, heartbeat_at=timezone.now(), stage="Waiting for a worker again")
        requeued += [build.pk] * taken
    return requeued


def _fail(build: Build, sentence: str) -> None:
    Build.objects.active().filter(pk=build.pk, attempt=build.attempt).update(
        status=Build.Status.FAILED, error=sentence, finished_at=timezone.now()
    )
