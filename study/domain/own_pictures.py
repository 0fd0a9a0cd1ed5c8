"""The life of a picture that somebody sends to hear it: sent, taken by a worker, heard, gone in an hour.

The row says what is to be done, the queue is only a hint. Files lie in a folder whose name says when it may
go, so that even what no row names any more is found and deleted.
"""

from __future__ import annotations

import logging
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from study.domain import hearing, media, pulse, uploads
from study.domain.hearing import PictureUnfit, Superseded
from study.errors import EarsightError, NotYours
from study.models import OwnPicture, tokens
from study.models.own_pictures import SILENT_WORKER, an_hour_from_now

if TYPE_CHECKING:
    import datetime

FOLDER = "own-pictures"
MOST_ATTEMPTS = 3
Refusal = OwnPicture.Refusal
logger = logging.getLogger(__name__)


class HearingClosed(EarsightError):
    """Pictures cannot be sent here."""

    status = 404


class QueueFull(EarsightError):
    """Too many pictures wait already."""

    status = 503


def is_open() -> bool:
    """Return whether people may send pictures (EARSIGHT_HEAR)."""
    return bool(settings.HEAR)


def send(file: BinaryIO, light: str = OwnPicture.Light.AUTO) -> OwnPicture:
    """Keep a picture for a worker. The caller enqueues the job after the commit (`tasks.enqueue_picture`).

    Raises:
        HearingClosed: where the operator has switched this off. QueueFull: while too many wait.
        UploadRefused: when it is no picture that can be heard.
    """
    if not is_open():
        raise HearingClosed(gettext("Pictures cannot be sent to this site."))
    _refuse_long_queue()  # before anything is read or written
    uploads.check(file)
    expires_at = an_hour_from_now()
    folder = _new_folder(expires_at)
    try:
        upload = media.write(folder, ".upload", File(file))  # before the transaction, which makes others wait
        with transaction.atomic():
            _refuse_long_queue()
            return OwnPicture.objects.create(
                folder=folder, upload=upload, light=OwnPicture.Light(light), expires_at=expires_at
            )
    except BaseException:
        media.delete_folder(folder)
        raise


def find(token: str) -> OwnPicture:
    """Return the picture at this address.

    Raises:
        NotYours: where there is none, or its hour is over, whether or not it has been deleted yet.
    """
    found = OwnPicture.objects.alive().filter(token=token).first() if tokens.is_token(token) else None
    if found is None:
        raise NotYours(
            gettext("There is no picture here. Pictures and their music are deleted after an hour.")
        )
    return found


def ahead_of(picture: OwnPicture) -> int:
    """Return how many pictures a worker takes before this one."""
    return OwnPicture.objects.active().filter(pk__lt=picture.pk).count()


def delete(token: str) -> None:
    """Delete a picture with its music at once; a worker that is at it notices at its next step.

    Raises:
        NotYours: where there is none any more.
    """
    picture = find(token)
    OwnPicture.objects.filter(pk=picture.pk).delete()
    transaction.on_commit(lambda: media.delete_folder(picture.folder))


def claim(picture_id: int) -> OwnPicture | None:
    """Take a picture that waits; None when another worker has it or it has gone."""
    claimed = (
        OwnPicture.objects.alive()
        .filter(pk=picture_id, status=OwnPicture.Status.QUEUED)
        .update(status=OwnPicture.Status.RUNNING, attempt=F("attempt") + 1, heartbeat_at=timezone.now())
    )
    return OwnPicture.objects.filter(pk=picture_id).first() if claimed else None


def run(picture_id: int) -> None:
    """Claim a picture and make its music; running it twice changes nothing.

    A failure is written into the row as a reason; a picture that was deleted or taken over stops quietly.
    """
    picture = claim(picture_id)
    if picture is None:
        return
    try:
        with pulse.beating(picture, SILENT_WORKER):
            hearing.make(picture)
    except Superseded:
        logger.info("Picture %s was deleted or taken over.", picture.pk)
    except PictureUnfit as error:
        _fail(picture, error.refusal)
    except Exception:
        logger.exception("Picture %s could not be translated.", picture.pk)
        _fail(picture, Refusal.UNEXPECTED)
    if not OwnPicture.objects.filter(pk=picture.pk).exists():  # deleted while we wrote
        media.delete_folder(picture.folder)


def sweep() -> list[int]:
    """Queue again each picture whose worker or message is gone; return their numbers, to be enqueued.

    One that was tried MOST_ATTEMPTS times is ended with a sentence instead.
    """
    requeued = []
    for picture in OwnPicture.objects.left_behind():
        if picture.attempt >= MOST_ATTEMPTS:
            _fail(picture, Refusal.STOPPED)
            continue
        taken = OwnPicture.objects.filter(
            pk=picture.pk, status=picture.status, heartbeat_at=picture.heartbeat_at
        ).update(status=OwnPicture.Status.QUEUED, step=OwnPicture.Step.WAITING, heartbeat_at=timezone.now())
        requeued += [picture.pk] * taken
    return requeued


def purge() -> int:
    """Delete every picture whose hour is over, and files that no row names; return how many rows went.

    A crash half way loses nothing: the folders' names tell the next run what is left to delete.
    """
    deleted, _ = OwnPicture.objects.expired().delete()
    folders: list[str] = []
    with suppress(FileNotFoundError):
        folders = default_storage.listdir(FOLDER)[0]
    media.delete_folders(f"{FOLDER}/{name}" for name in folders if _is_over(name))
    return deleted


def purge_overdue() -> None:
    """Purge when there is something to: whoever asks stands in for the clock of a worker that is away."""
    if OwnPicture.objects.expired().exists():
        purge()


def _refuse_long_queue() -> None:
    if OwnPicture.objects.active().count() >= settings.HEAR_QUEUE:
        raise QueueFull(
            gettext("Many pictures are waiting for their music already. Please try again in a few minutes.")
        )


def _new_folder(expires_at: datetime.datetime) -> str:
    return f"{FOLDER}/{int(expires_at.timestamp())}-{secrets.token_urlsafe(18)}"


def _is_over(name: str) -> bool:
    told = name.partition("-")[0]
    return told.isdecimal() and int(told) < time.time()


def _fail(picture: OwnPicture, refusal: OwnPicture.Refusal) -> None:
    """End the picture with a reason; what was sent goes at once."""
    ended = (
        OwnPicture.objects.active()
        .filter(pk=picture.pk, attempt=picture.attempt)
        .update(status=OwnPicture.Status.FAILED, refusal=refusal, upload="")
    )
    if ended:
        media.delete_folder(picture.folder)
