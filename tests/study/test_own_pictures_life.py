"""Nothing that somebody sends outlives an hour, and no worker's death leaves it in the air."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from study import tasks
from study.domain import hearing, media, own_pictures
from study.errors import NotYours
from study.models import OwnPicture
from tests.study import pictures_sent as sent
from tests.study.pictures_sent import files, later

pytestmark = pytest.mark.django_db

Status = OwnPicture.Status


def test_after_an_hour_nothing_is_left(translator: None) -> None:
    done, waiting = own_pictures.send(sent.drawing()), own_pictures.send(sent.drawing())
    own_pictures.run(done.pk)
    assert own_pictures.purge() == 0
    assert len(files()) == 5
    hour = timedelta(hours=1, seconds=1)
    for picture in (done, waiting):
        later(picture, expires_at=hour)
        folder = f"{own_pictures.FOLDER}/{int(time.time()) - 2}-{picture.token}"
        (django_settings.MEDIA_ROOT / picture.folder).rename(django_settings.MEDIA_ROOT / folder)
    assert own_pictures.purge() == 2
    assert (OwnPicture.objects.count(), files()) == (0, [])
    assert own_pictures.purge() == 0


def test_an_hour_is_an_hour_even_when_nobody_purges(translator: None) -> None:
    picture = own_pictures.send(sent.drawing())
    assert own_pictures.find(picture.token) == picture
    later(picture, expires_at=timedelta(hours=1, seconds=1))
    with pytest.raises(NotYours, match="deleted after an hour"):
        own_pictures.find(picture.token)
    assert own_pictures.claim(picture.pk) is None


def test_a_folder_that_no_row_names_goes_when_its_hour_is_over() -> None:
    """A worker that was killed after its picture was deleted may have left one."""
    old, young = int(time.time()) - 10, int(time.time()) + 600
    left = [media.write(f"{own_pictures.FOLDER}/{when}-abc", ".png", b"x") for when in (old, young)]
    own_pictures.purge()
    assert files() == [left[1]]


def test_the_purge_runs_by_the_clock() -> None:
    entry = django_settings.CELERY_BEAT_SCHEDULE["sweep-pictures"]
    assert (entry["task"], entry["schedule"]) == (tasks.sweep_pictures.name, 15.0)


def test_deleting_takes_row_and_files_at_once(
    translator: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    picture = own_pictures.send(sent.drawing())
    own_pictures.run(picture.pk)
    with django_capture_on_commit_callbacks(execute=True):
        own_pictures.delete(picture.token)
    assert (OwnPicture.objects.count(), files()) == (0, [])
    with pytest.raises(NotYours):
        own_pictures.delete(picture.token)


@pytest.mark.parametrize("step", ["_look", "_written"])
def test_a_worker_notices_that_its_picture_was_deleted(
    step: str, translator: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row goes while the worker looks, or while it writes: it stops, and takes its files with it."""
    picture = own_pictures.send(sent.drawing())
    real = getattr(hearing, step)

    def meanwhile(*arguments: object) -> object:
        made = real(*arguments)
        OwnPicture.objects.all().delete()
        return made

    monkeypatch.setattr(hearing, step, meanwhile)
    own_pictures.run(picture.pk)
    assert (OwnPicture.objects.count(), files()) == (0, [])


def test_a_worker_that_was_taken_over_writes_nothing(
    translator: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = own_pictures.send(sent.drawing())
    real = hearing._written

    def meanwhile(*arguments: object) -> object:
        made = real(*arguments)  # type: ignore[arg-type]
        OwnPicture.objects.update(attempt=2)  # another worker has claimed it
        return made

    monkeypatch.setattr(hearing, "_written", meanwhile)
    own_pictures.run(picture.pk)
    picture.refresh_from_db()
    assert (picture.status, picture.clip.name, files()) == (Status.RUNNING, "", [str(picture.upload.name)])


def test_a_picture_without_a_message_is_sent_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(picture_id: int) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.run_picture, "delay", away)
    picture = own_pictures.send(sent.drawing())
    tasks.enqueue_picture(picture.pk)
    assert "the sweep will send it" in caplog.text
    assert own_pictures.sweep() == []
    later(picture, heartbeat_at=timedelta(seconds=91))
    assert own_pictures.sweep() == [picture.pk]
    assert own_pictures.sweep() == []


def test_a_picture_whose_worker_died_is_taken_up_again_three_times(translator: None) -> None:
    picture = own_pictures.send(sent.drawing())
    for attempt in (1, 2, 3):
        claimed = own_pictures.claim(picture.pk)
        assert claimed is not None
        assert claimed.attempt == attempt
        assert own_pictures.sweep() == []
        later(picture, heartbeat_at=timedelta(seconds=31))
        assert own_pictures.sweep() == ([picture.pk] if attempt < 3 else [])
    picture.refresh_from_db()
    assert (picture.status, picture.refusal, files()) == ("failed", "stopped", [])


KILLED = """
import os, sys
import django
django.setup()
from study.domain import hearing, own_pictures
def die(*_):
    os.kill(os.getpid(), 9)
hearing._keep = die
own_pictures.run(int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_kill_minus_nine_in_the_middle_is_made_good(translator: None, product: Settings) -> None:
    """A real process claims the picture, composes, and is killed before it has kept anything."""
    picture = own_pictures.send(sent.drawing())
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "study.settings",
        "DATABASE_URL": f"sqlite:///{django_settings.DATABASES['default']['NAME']}",
        "EARSIGHT_VAR": str(product.VAR),
        "EARSIGHT_MODELS": str(product.MODEL_FOLDERS),
        "EARSIGHT_HEAR_MODEL": product.HEAR_MODEL,
        "PYTHONPATH": str(django_settings.BASE_DIR),
    }
    killed = subprocess.run([sys.executable, "-c", KILLED, str(picture.pk)], env=environment, check=False)
    picture.refresh_from_db()
    assert (killed.returncode, picture.status, picture.attempt) == (-signal.SIGKILL, Status.RUNNING, 1)
    later(picture, heartbeat_at=timedelta(seconds=31))
    (again,) = own_pictures.sweep()
    own_pictures.run(again)
    picture.refresh_from_db()
    assert (picture.status, picture.attempt, len(files())) == (Status.DONE, 2, 4)
    assert timezone.now() < picture.expires_at
