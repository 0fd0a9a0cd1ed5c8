"""The life of a study's package: asked for, made by one worker, downloaded, deleted after a week.

The row says what is to be done, the queue is only a hint. A volunteer who takes their answers back takes them
out of packages too: those that lie on the server are deleted, and one that is being made begins again.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from study import permissions
from study.domain import media, pulse
from study.domain.answered import NoSuchMode
from study.domain.packing import contents, naming
from study.errors import Conflict, EarsightError
from study.models import Export, Session, Study

if TYPE_CHECKING:
    from pathlib import Path

    from django.contrib.auth.models import User
    from django.db.models.fields.files import FieldFile

FOLDER = "packages"
MOST_ATTEMPTS = 3
PAUSE = 0.5  # seconds between two reports of the same stage
logger = logging.getLogger(__name__)


class AlreadyPacking(Conflict):
    """A package of this study is already being made."""


class NothingToCancel(Conflict):
    """This package has already been made, or was cancelled."""


class NoPackage(EarsightError):
    """There is no package here. Packages are deleted after a week, and when somebody takes answers back."""

    status = 404


class Superseded(Exception):
    """The export was cancelled, begun again or taken over: stop without a trace."""


@transaction.atomic
def request(study: Study, *, by: User, mode: str = Session.Mode.LIVE, with_media: bool = True) -> Export:
    """Queue a package. The caller enqueues the job after the commit (`tasks.enqueue_export`).

    Raises:
        NotYours: for a stranger. NoSuchMode: for another mode. AlreadyPacking: while one waits or is made.
    """
    permissions.may_work_on(by, study)
    if mode not in Session.Mode.values:
        raise NoSuchMode
    try:
        with transaction.atomic():
            return Export.objects.create(study=study, mode=mode, media=with_media)
    except IntegrityError as error:
        raise AlreadyPacking from error


def cancel(study: Study, *, by: User) -> None:
    """End the package that waits or is being made; its worker notices at its next report.

    Raises:
        NotYours: for a stranger. NothingToCancel: when there is none.
    """
    permissions.may_work_on(by, study)
    ended = Export.objects.active().filter(study=study)
    if not ended.update(status=Export.Status.CANCELLED, finished_at=timezone.now()):
        raise NothingToCancel


def opened(study: Study, export_id: int) -> tuple[Export, FieldFile]:
    """Return a package of this study that is made, and its file opened for reading.

    Raises:
        NoPackage: where there is none, or its file has gone.
    """
    export = Export.objects.filter(study=study, pk=export_id, status=Export.Status.DONE).first()
    if export is None:
        raise NoPackage
    try:
        return export, media.opened(export.file)
    except media.MediaMissing as error:
        raise NoPackage from error


def file_name(study: Study, mode: str) -> str:
    """Return what the downloaded package is called."""
    return f"{naming.of(study, mode).stem}-package.zip"


def claim(export_id: int) -> Export | None:
    """Take a queued export; None when another worker has it or it was cancelled."""
    claimed = Export.objects.filter(pk=export_id, status=Export.Status.QUEUED).update(
        status=Export.Status.RUNNING, attempt=F("attempt") + 1, heartbeat_at=timezone.now(), stage="Starting"
    )
    return Export.objects.select_related("study").get(pk=export_id) if claimed else None


def run(export_id: int) -> Export | None:
    """Claim an export and carry it out; running it twice changes nothing.

    A failure is written into the row as a sentence; one that was cancelled or taken over stops quietly, and
    one that waits again, since somebody took answers back, is begun anew.
    """
    export = claim(export_id)
    if export is None:
        return None
    try:
        with pulse.beating(export):
            _make(export)
    except Superseded:
        logger.info("Package %s was cancelled, begun again or taken over.", export.pk)
        run(export_id)
    except EarsightError as error:
        _fail(export, str(error))
    except Exception as error:
        logger.exception("Package %s failed.", export.pk)
        _fail(export, f"The package could not be made ({type(error).__name__}). The server's log says why.")
    return Export.objects.filter(pk=export_id).first()


def write(
    study: Study, path: Path, *, mode: str = Session.Mode.LIVE, with_media: bool = True
) -> dict[str, Any]:
    """Write a package into this file, without a row or a worker; return its manifest."""
    with path.open("w+b") as file:
        return contents.write(study, mode, file, with_media=with_media, report=lambda *_: None)


def sweep() -> list[int]:
    """Queue again each export whose worker or message is gone; return their numbers, to be enqueued."""
    requeued = []
    for export in Export.objects.stale(older_than=settings.BUILD_STALE_AFTER):
        if export.attempt >= MOST_ATTEMPTS:
            _fail(export, f"The worker stopped {MOST_ATTEMPTS} times without finishing.")
            continue
        taken = Export.objects.filter(
            pk=export.pk, status=export.status, heartbeat_at=export.heartbeat_at
        ).update(status=Export.Status.QUEUED, heartbeat_at=timezone.now(), stage="Waiting for a worker again")
        requeued += [export.pk] * taken
    return requeued


def purge() -> int:
    """Delete packages that were kept long enough, and files that no row names; return how many rows went."""
    deleted, _ = Export.objects.over().delete()
    folders: list[str] = []
    with suppress(FileNotFoundError):
        folders = default_storage.listdir(FOLDER)[0]
    known = set(Export.objects.filter(token__in=folders).values_list("token", flat=True))
    media.delete_folders(f"{FOLDER}/{name}" for name in folders if name not in known)
    return deleted


def forget(study_ids: Iterable[int]) -> None:
    """Delete the packages of these studies: somebody's answers are no longer to be in them.

    One that is being made begins again. Called within the transaction that deletes the answers.
    """
    exports = Export.objects.filter(study__in=list(study_ids))
    exports.active().update(
        status=Export.Status.QUEUED, heartbeat_at=timezone.now(), stage="Waiting for a worker again"
    )
    _delete(list(exports.filter(status=Export.Status.DONE)))


def _delete(exports: list[Export]) -> None:
    Export.objects.filter(pk__in=[export.pk for export in exports]).delete()
    folders = [_folder(export) for export in exports]
    transaction.on_commit(lambda: media.delete_folders(folders))


def _folder(export: Export) -> str:
    return f"{FOLDER}/{export.token}"


def _make(export: Export) -> None:
    """Write the package into a file of this machine, then store it."""
    with tempfile.TemporaryFile() as file:
        reporter = _Reporter(export)
        manifest = contents.write(
            export.study, export.mode, file, with_media=export.media, report=reporter.report
        )
        reporter.report("Storing the package")
        size, sha256 = file.tell(), _sha256(file)
        name = media.write(_folder(export), ".zip", File(file))
    if not _store(export, manifest, name, size, sha256):
        default_storage.delete(name)
        raise Superseded


@transaction.atomic
def _store(export: Export, manifest: dict[str, Any], name: str, size: int, sha256: str) -> bool:
    """Write down that the package is made, and delete those before it; False when it is no longer ours."""
    ended = export.held().update(
        status=Export.Status.DONE, stage="", file=name, size=size, sha256=sha256,
        finished_at=timezone.now(), cut_at=parse_datetime(manifest["cut_at"]),
    )  # fmt: skip
    if ended:
        older = Export.objects.filter(study=export.study_id, mode=export.mode, pk__lt=export.pk)
        _delete(list(older.exclude(status__in=Export.ACTIVE)))
    return bool(ended)


def _sha256(file: Any) -> str:
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")
    file.seek(0)
    return digest.hexdigest()


def _fail(export: Export, sentence: str) -> None:
    ours = Export.objects.active().filter(pk=export.pk, attempt=export.attempt)
    ours.update(status=Export.Status.FAILED, error=sentence, finished_at=timezone.now())


@dataclass
class _Reporter:
    """Writes how far the work is, seldom, and stops it once it is no longer ours."""

    export: Export
    stage: str = ""
    last: float = 0.0

    def report(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Record where the work stands.

        Raises:
            Superseded: when it was cancelled, begun again or taken over since the last report.
        """
        if stage == self.stage and time.monotonic() - self.last < PAUSE:
            return
        self.stage, self.last = stage, time.monotonic()
        ours = self.export.held().update(
            stage=stage, progress=min(done, total), total=total, heartbeat_at=timezone.now()
        )
        if not ours:
            raise Superseded
