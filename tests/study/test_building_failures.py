"""Builds that do not end as asked: failures as sentences, cancel, kill, sweep and heartbeat."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import FileSystemStorage, default_storage
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from study.domain import building, media, pulse, studies
from study.models import Build, StimulusSet, Study
from tests.study.built import build, files
from tests.world import MakeStudy, silence

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"trial_count": 9}, "4"),
        ({"chosen_classes": ["dots", "moons"]}, "moons"),
        ({"data": "folder:nothing"}, "nothing"),
        ({"model": "nothing"}, "nothing"),
        ({"class_count": 4}, "3"),
    ],
)
def test_what_cannot_be_built_says_why(
    draft: Study, alice: User, changes: dict[str, object], sentence: str
) -> None:
    studies.update(draft, by=alice, configuration=changes)
    failed = build(draft, alice)
    assert failed.status == "failed"
    assert sentence in failed.error
    assert "unexpectedly" not in failed.error
    assert files() == set()


def test_a_folder_with_one_class_says_why(draft: Study, alice: User, pictures: Path) -> None:
    for name in ("dots", "lines"):
        for file in (pictures / name).iterdir():
            file.unlink()
        (pictures / name).rmdir()
    failed = build(draft, alice)
    assert (failed.status, "class" in failed.error) == ("failed", True)


def test_a_missing_soundfont_says_why(draft: Study, alice: User, product: Settings) -> None:
    product.SOUNDFONT = "/nowhere/piano.sf2"
    failed = build(draft, alice)
    assert (failed.status, "piano.sf2" in failed.error) == ("failed", True)


def test_an_unexpected_failure_is_a_sentence_too(draft: Study, alice: User) -> None:
    def full_disk(build: Build) -> None:
        raise OSError(28, "No space left on device")

    failed = build(draft, alice, watch=full_disk)
    assert failed.error == (
        "The build stopped unexpectedly (OSError: [Errno 28] No space left on device). "
        "The server's log says where."
    )


def test_deleting_a_draft_ends_its_running_build(draft: Study, alice: User) -> None:
    def delete_while_recording(build: Build) -> None:
        if (build.stage, build.progress) == ("Recording the clips", 2):
            studies.delete(draft, by=alice)

    assert building.run(building.request(draft, by=alice).pk, watch=delete_while_recording) is None
    assert (Study.objects.count(), files()) == (0, set())
    assert default_storage.listdir("stimuli") == ([], [])


def test_deleting_a_study_removes_what_a_killed_worker_left(
    draft: Study,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def kill(build: Build) -> None:
        if build.stage == "Composing the melodies":
            raise Killed

    with monkeypatch.context() as dead:
        dead.setattr(media, "delete_folder", lambda folder: None)
        with pytest.raises(Killed):
            build(draft, alice, watch=kill)
    assert len(files()) == 1  # the latents
    with django_capture_on_commit_callbacks(execute=True):
        studies.delete(draft, by=alice)
    assert default_storage.listdir("stimuli") == ([], [])


def test_a_folder_that_a_worker_still_writes_into_is_left_to_it(
    draft: Study, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between our look into the folder and its removal the worker has written another file."""
    name = media.write("stimuli/a/1", ".png", b"late")
    monkeypatch.setattr(FileSystemStorage, "listdir", lambda storage, folder: ([], []))
    media.delete_folder("stimuli/a")
    assert default_storage.exists(name)


def test_cancel_stops_a_running_build_without_a_trace(draft: Study, alice: User) -> None:
    def cancel_while_recording(build: Build) -> None:
        if (build.stage, build.progress) == ("Recording the clips", 2):
            building.cancel(build, by=alice)

    cancelled = build(draft, alice, watch=cancel_while_recording)
    assert (cancelled.status, draft.stimuli, files()) == ("cancelled", None, set())
    with pytest.raises(building.NothingToCancel):
        building.cancel(cancelled, by=alice)


class Killed(BaseException):
    """Stands for kill -9: nothing of ours catches it."""


def test_a_killed_build_starts_again_and_cleans_up(
    draft: Study, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(build: Build) -> None:
        if (build.stage, build.progress) == ("Recording the clips", 2):
            raise Killed

    with monkeypatch.context() as dead:
        dead.setattr(media, "delete_folder", lambda folder: None)  # the dead clean up nothing
        with pytest.raises(Killed):
            build(draft, alice, watch=kill)
    left = files()
    killed = Build.objects.get()
    assert (killed.status, len(left) > 0, building.sweep()) == ("running", True, [])
    silence(killed)
    assert building.sweep() == [killed.pk]
    again = building.run(killed.pk)
    assert again is not None
    assert (again.status, again.attempt) == ("done", 2)
    assert files() == set(media.file_names(StimulusSet.objects.all()))
    assert files().isdisjoint(left)


def test_a_worker_that_was_taken_over_writes_nothing(draft: Study, alice: User) -> None:
    def stall(build: Build) -> None:
        if build.stage == "Storing the study":
            silence(build)
            assert building.sweep() == [build.pk]

    stalled = build(draft, alice, watch=stall)
    assert (stalled.status, StimulusSet.objects.count(), files()) == ("queued", 0, set())


def test_a_build_that_kills_three_workers_is_ended(draft: Study, alice: User) -> None:
    waiting = building.request(draft, by=alice)
    for _ in range(building.MOST_ATTEMPTS):
        building.claim(waiting.pk)
        silence(waiting)
        building.sweep()
    waiting.refresh_from_db()
    assert (waiting.status, "stopped 3 times" in waiting.error) == ("failed", True)


def test_a_lost_message_is_sent_again(draft: Study, alice: User) -> None:
    waiting = building.request(draft, by=alice)
    silence(waiting)
    assert building.sweep() == [waiting.pk]
    assert building.sweep() == []


@pytest.mark.django_db(transaction=True)
def test_a_long_silent_step_keeps_its_heartbeat(
    make_study: MakeStudy, alice: User, product: Settings
) -> None:
    product.BUILD_STALE_AFTER = timedelta(seconds=0.6)
    build = building.claim(building.request(make_study(status="draft"), by=alice).pk)
    assert build is not None
    silence(build)
    before = Build.objects.get().heartbeat_at
    with pulse.beating(build):
        deadline = time.monotonic() + 20
        while Build.objects.get().heartbeat_at == before and time.monotonic() < deadline:
            time.sleep(0.05)
    assert Build.objects.get().heartbeat_at > before


def test_a_build_that_was_taken_over_is_not_touched(make_study: MakeStudy, alice: User) -> None:
    build = building.claim(building.request(make_study(status="draft"), by=alice).pk)
    assert build is not None
    assert pulse.touch(build)
    silence(build)
    building.sweep()
    assert not pulse.touch(build)
