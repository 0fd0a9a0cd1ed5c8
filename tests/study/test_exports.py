"""The life of a package: asked for, made once, told how far, cancelled, downloaded, deleted."""

from __future__ import annotations

import hashlib
import io
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from analysis.package.recompute import recompute
from study import tasks
from study.domain import exports, privacy, studies
from study.domain.answered import NoSuchMode
from study.domain.packing import contents, figures
from study.domain.packing.snapshot import snapshot
from study.errors import NotYours
from study.models import Export, Response, Session, Study
from tests.world import answer_all, answer_some, at_first_trial

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take longer than all the rest; test_package_pages.py draws them."""
    monkeypatch.setattr(figures, "drawn", lambda *of: iter(()))


@pytest.fixture
def visit(study: Study) -> Session:
    return answer_all(at_first_trial(study))


def made(study: Study, by: User) -> Export:
    done = exports.run(exports.request(study, by=by, with_media=False).pk)
    assert done is not None
    return done


def stored() -> list[str]:
    try:
        return [f"packages/{name}" for name in default_storage.listdir("packages")[0]]
    except FileNotFoundError:
        return []


def test_a_package_is_made_once_and_downloaded_whole(
    study: Study, visit: Session, bob: User, client: Client, tmp_path: Path
) -> None:
    export = exports.request(study, by=bob)
    tasks.run_export(export.pk)
    tasks.run_export(export.pk)
    export.refresh_from_db()
    assert (export.status, export.attempt, export.error) == ("done", 1, "")
    client.force_login(bob)
    answer = client.get(reverse("study_package_download", args=[study.pk, export.pk]))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="study-digitsv1-package.zip"'
    assert answer.streaming
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    answer.close()
    assert (len(content), hashlib.sha256(content).hexdigest()) == (export.size, export.sha256)
    path = tmp_path / "package.zip"
    path.write_bytes(content)
    assert recompute(path).agrees


def test_one_package_of_a_study_is_made_at_a_time(study: Study, alice: User, bob: User) -> None:
    exports.request(study, by=alice)
    with pytest.raises(exports.AlreadyPacking):
        exports.request(study, by=bob)
    with pytest.raises(IntegrityError):
        Export.objects.create(study=study)


def test_strangers_and_other_modes_are_refused(study: Study, alice: User, charlie: User) -> None:
    with pytest.raises(NotYours):
        exports.request(study, by=charlie)
    with pytest.raises(NotYours):
        exports.cancel(study, by=charlie)
    with pytest.raises(NoSuchMode):
        exports.request(study, by=alice, mode="dead")
    with pytest.raises(exports.NothingToCancel):
        exports.cancel(study, by=alice)


def test_a_package_of_another_study_is_not_given(study: Study, alice: User) -> None:
    other = studies.new_version(study, by=alice)
    with pytest.raises(exports.NoPackage):
        exports.opened(other, made(study, alice).pk)
    with pytest.raises(exports.NoPackage):
        exports.opened(study, exports.request(study, by=alice).pk)


def test_a_cancel_is_heard_half_way_and_leaves_nothing(
    study: Study, visit: Session, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = contents.write

    def cancelled(*args: object, **kwargs: object) -> object:
        exports.cancel(study, by=alice)
        return write(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(contents, "write", cancelled)
    assert made(study, alice).status == "cancelled"
    assert stored() == []


def test_one_that_was_taken_over_stores_nothing(
    study: Study, visit: Session, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = contents.write

    def overtaken(*args: object, **kwargs: object) -> object:
        found = write(*args, **kwargs)  # type: ignore[arg-type]
        Export.objects.update(attempt=7)
        return found

    monkeypatch.setattr(contents, "write", overtaken)
    monkeypatch.setattr(exports, "PAUSE", 1000)
    assert made(study, alice).status == "running"
    assert not [name for folder in stored() for name in default_storage.listdir(folder)[1]]


def test_a_failure_is_a_sentence(study: Study, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*args: object, **kwargs: object) -> None:
        raise contents.PackageIncomplete

    monkeypatch.setattr(contents, "write", failing)
    export = made(study, alice)
    assert (export.status, export.error) == ("failed", contents.PackageIncomplete.__doc__)


def test_a_new_package_replaces_the_one_before(
    study: Study, visit: Session, alice: User, django_capture_on_commit_callbacks: object
) -> None:
    first = made(study, alice)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        second = made(study, alice)
    assert list(Export.objects.values_list("pk", flat=True)) == [second.pk]
    assert stored() == [f"packages/{second.token}"]
    assert not default_storage.exists(str(first.file.name))


def test_taking_answers_back_takes_them_out_of_packages(
    study: Study, visit: Session, alice: User, django_capture_on_commit_callbacks: object
) -> None:
    made(study, alice)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        privacy.withdraw(visit)
    assert (Export.objects.count(), stored()) == (0, [])


def test_a_package_that_is_being_made_begins_again_without_them(
    study: Study, visit: Session, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, answers = contents.write, []

    def withdrawn_meanwhile(*args: object, **kwargs: object) -> dict[str, object]:
        found = write(*args, **kwargs)  # type: ignore[arg-type]
        answers.append(next(file["rows"] for file in found["files"] if file["path"] == found["answers"]))
        if len(answers) == 1:
            privacy.withdraw(visit)
        return found

    monkeypatch.setattr(contents, "write", withdrawn_meanwhile)
    monkeypatch.setattr(exports, "PAUSE", 1000)
    export = made(study, alice)
    assert (export.status, export.attempt, answers) == ("done", 2, [6, 0])


def test_deleting_a_study_deletes_its_packages(
    study: Study, visit: Session, alice: User, django_capture_on_commit_callbacks: object
) -> None:
    made(study, alice)
    studies.close(study, by=alice)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        studies.delete(study, by=alice)
    assert stored() == []


def test_old_packages_and_orphans_are_purged(study: Study, visit: Session, alice: User) -> None:
    kept = made(study, alice)
    default_storage.save("packages/nobodys/x.zip", io.BytesIO(b"x"))
    assert exports.purge() == 0
    assert stored() == [f"packages/{kept.token}"]
    Export.objects.update(finished_at=timezone.now() - timedelta(days=8))
    assert exports.purge() == 1
    assert stored() == []


def test_one_whose_worker_died_is_sent_again_and_given_up_in_the_end(study: Study, alice: User) -> None:
    export = exports.request(study, by=alice)
    exports.claim(export.pk)
    assert exports.sweep() == []
    for again in ([export.pk], [export.pk], []):
        Export.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
        assert exports.sweep() == again
        exports.claim(export.pk)
    export.refresh_from_db()
    assert export.status == "failed"
    assert "stopped 3 times" in export.error


def test_a_broker_that_is_away_loses_nothing(
    study: Study, alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(export_id: int) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.run_export, "delay", away)
    tasks.enqueue_export(exports.request(study, by=alice).pk)
    assert "the sweep will send it" in caplog.text


def test_the_page_asks_shows_and_offers(
    study: Study, visit: Session, alice: User, client: Client, monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: object,
) -> None:  # fmt: skip
    sent: list[int] = []
    monkeypatch.setattr(tasks.run_export, "delay", sent.append)
    client.force_login(alice)
    page = reverse("study_package", args=[study.pk])
    assert page in client.get(reverse("study_results", args=[study.pk])).text
    assert "Make the package" in client.get(page).text
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        client.post(page, {"mode": "live"})
    export = Export.objects.get()
    assert (sent, export.media, export.mode) == ([export.pk], False, "live")
    waiting = client.get(page).text
    assert "Waiting for a worker" in waiting
    assert "Make the package" not in waiting
    progress = reverse("study_package_progress", args=[study.pk])
    assert "HX-Trigger-After-Settle" not in client.get(progress).headers
    assert "already being made" in client.post(page, {"mode": "live"}, follow=True).text
    exports.run(export.pk)
    assert "build-ended" in client.get(progress).headers["HX-Trigger-After-Settle"]
    download = reverse("study_package_download", args=[study.pk, export.pk])
    ready = client.get(page).text
    assert download in ready
    saved = b"".join(client.get(download))
    assert f"<code>{hashlib.sha256(saved).hexdigest()}</code>" in ready


def test_the_page_cancels(study: Study, alice: User, client: Client) -> None:
    exports.request(study, by=alice)
    client.force_login(alice)
    cancel = reverse("study_package_cancel", args=[study.pk])
    assert "No package is made." in client.post(cancel, follow=True).text
    assert "already been made, or was cancelled" in client.post(cancel, follow=True).text
    assert client.post(reverse("study_package", args=[study.pk]), {"mode": "dead"}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_study_that_runs_gives_one_moment_and_nobody_waits(study: Study, tmp_path: Path) -> None:
    answer_all(at_first_trial(study))
    late = at_first_trial(study)
    seen: list[int] = []

    def answer_meanwhile() -> None:
        try:
            answer_some(late, 3)
        finally:
            connection.close()

    with snapshot() as moment:
        seen.append(Response.objects.count())
        person = threading.Thread(target=answer_meanwhile)
        person.start()
        person.join(15)
        seen.append(Response.objects.count())
        with moment.aside():
            seen.append(Response.objects.count())
            Study.objects.filter(pk=study.pk).update(thanks_text="written meanwhile")
    assert seen == [6, 6, 9]
    assert Response.objects.count() == 9
