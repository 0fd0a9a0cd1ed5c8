"""Hear your own picture, as a browser without scripts meets it: the form, the wait, the music, the end."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.files import uploadhandler
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from study import tasks
from study.domain import own_pictures
from study.models import OwnPicture
from tests.study import pictures_sent as sent
from tests.study.pictures_sent import files, later

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note what would go to the workers."""
    numbers: list[int] = []
    monkeypatch.setattr(tasks.run_picture, "delay", numbers.append)
    return numbers


def send(client: Client, file: io.BytesIO | None = None, **more: str) -> str:
    """Send a picture by the form; return where the browser is led."""
    content = (file or sent.drawing()).getvalue()
    answer = client.post("/hear/", {"picture": SimpleUploadedFile("me at home.jpg", content), **more})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_the_whole_way_without_a_script(translator: None, client: Client) -> None:
    path = send(client)
    waiting = client.get(path).content.decode()
    assert "Waiting for its turn" in waiting
    assert f'href="{path}"' in waiting  # a plain link to look again
    own_pictures.run(OwnPicture.objects.get().pk)
    page = client.get(path).content.decode()
    assert "Your picture as music" in page
    assert page.count('class="bar-note"') == len(OwnPicture.objects.get().notes)
    addresses = set(re.findall(r'(/shown/[^"]+)"', page))
    kinds = {address[-1]: client.get(address)["Content-Type"] for address in addresses}
    assert kinds == {"s": "audio/mpeg", "0": "image/png", "1": "image/png", "m": "audio/midi"}


@pytest.mark.parametrize("open_to_all", [True, False])
def test_opening_the_page_deletes_what_is_over_while_no_worker_runs(
    translator: None, client: Client, product: Settings, open_to_all: bool
) -> None:
    send(client)
    send(client)
    old = OwnPicture.objects.earliest("pk")
    later(old, expires_at=timedelta(hours=1, seconds=1))
    folder = f"{own_pictures.FOLDER}/{int(time.time()) - 2}-{old.token}"  # as it was named an hour earlier
    (django_settings.MEDIA_ROOT / old.folder).rename(django_settings.MEDIA_ROOT / folder)
    product.HEAR = open_to_all
    client.get("/hear/")
    young = OwnPicture.objects.get()
    assert files() == [young.upload.name]


def test_what_is_sent_goes_to_a_worker_after_the_commit(
    client: Client, queued: list[int], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        send(client)
    assert queued == [OwnPicture.objects.get().pk]


def test_nothing_about_the_sender_is_stored(client: Client) -> None:
    send(client)
    row = OwnPicture.objects.values().get()
    assert [value for value in row.values() if "127.0.0.1" in str(value) or "home" in str(value)] == []


def test_progress_is_told_to_the_script(client: Client) -> None:
    first, second = send(client), send(client)
    told = client.get(f"{second}progress/")
    assert told.json() == {"active": True, "words": "1 picture is before yours", "step": 0, "steps": 5}
    OwnPicture.objects.filter(token=first.split("/")[2]).update(status="running", step=3)
    assert client.get(f"{first}progress/").json() == {
        "active": True,
        "words": "Composing",
        "step": 3,
        "steps": 5,
    }


def test_a_failure_is_a_page_with_a_way_on(translator: None, client: Client) -> None:
    path = send(client, sent.cut_short("PNG"))
    own_pictures.run(OwnPicture.objects.get().pk)
    page = client.get(path).content.decode()
    assert "damaged or cut short" in page
    assert "Try another picture" in page
    assert client.get(f"{path}progress/").json()["active"] is False


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: io.BytesIO(b"plain text"), "not a picture"),
        (sent.heic, "HEIC"),
        (lambda: sent.moving("PNG"), "moves"),
        (lambda: sent.png_claiming(20_000, 20_000), "20000 × 20000"),
        (lambda: sent.png_claiming(1, 1), "too few"),
        (io.BytesIO, "is empty"),
    ],
)
def test_a_bad_file_is_refused_beside_the_field(
    make: Callable[[], io.BytesIO], said: str, client: Client
) -> None:
    content = make().getvalue()
    answer = client.post("/hear/", {"picture": SimpleUploadedFile("a.jpg", content)})
    page = answer.content.decode()
    assert (answer.status_code, said in page, 'aria-invalid="true"' in page) == (422, True, True)
    assert "<title>Error:" in page
    assert (OwnPicture.objects.count(), files()) == (0, [])


def test_no_file_and_no_sensible_choice_are_said(client: Client) -> None:
    answer = client.post("/hear/", {"light": "purple"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert ("Choose a picture first." in page, "Choose one of the three." in page) == (True, True)


def test_a_file_beyond_the_limit_is_refused(product: Settings, client: Client) -> None:
    product.HEAR_MEGABYTES = 1
    content = sent.drawing().getvalue() + b"\0" * 1_050_000
    answer = client.post("/hear/", {"picture": SimpleUploadedFile("a.jpg", content)})
    assert (answer.status_code, "at most 1 MB" in answer.content.decode()) == (422, True)


def test_a_file_far_beyond_the_limit_never_reaches_the_disk(
    product: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("a file was taken")

    monkeypatch.setattr(uploadhandler.FileUploadHandler, "new_file", never)
    product.HEAR_MEGABYTES = 1
    answer = client.post("/hear/", {"picture": SimpleUploadedFile("a.jpg", b"\xff\xd8\xff" * 1_000_000)})
    assert (answer.status_code, "at most 1 MB" in answer.content.decode()) == (413, True)


def test_a_form_from_another_site_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/hear/", {"picture": SimpleUploadedFile("a.jpg", sent.drawing().getvalue())})
    assert (answer.status_code, OwnPicture.objects.count()) == (403, 0)


def test_one_network_cannot_send_without_end(product: Settings, client: Client) -> None:
    product.HEAR_RATE = "2/hour"
    send(client)
    send(client)
    answer = client.post("/hear/", {"picture": SimpleUploadedFile("a.jpg", sent.drawing().getvalue())})
    assert (answer.status_code, "from your network" in answer.content.decode()) == (429, True)
    assert OwnPicture.objects.count() == 2


def test_a_full_queue_is_said_honestly(product: Settings, client: Client) -> None:
    product.HEAR_QUEUE = 1
    send(client)
    answer = client.post("/hear/", {"picture": SimpleUploadedFile("a.jpg", sent.drawing().getvalue())})
    assert (answer.status_code, "waiting for their music already" in answer.content.decode()) == (503, True)


def test_the_delete_button_works_while_it_waits_and_when_it_is_done(translator: None, client: Client) -> None:
    for ready in (False, True):
        path = send(client)
        if ready:
            own_pictures.run(OwnPicture.objects.get().pk)
        assert client.get(f"{path}delete/").status_code == 405  # a link's preview deletes nothing
        answer = client.post(f"{path}delete/", follow=True)
        assert "Your picture and its music are deleted." in answer.content.decode()
        assert client.get(path).status_code == 404
        assert OwnPicture.objects.count() == 0


def test_nothing_is_kept_by_browsers_or_found_by_search_engines(translator: None, client: Client) -> None:
    path = send(client)
    own_pictures.run(OwnPicture.objects.get().pk)
    page = client.get(path)
    clip = re.findall(r'(/shown/[^"]+\.s)"', page.content.decode())[0]
    for answer in (page, client.get(f"{path}progress/"), client.get(clip)):
        assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex")
    assert client.get(clip, headers={"range": "bytes=0-99"}).status_code == 206


def test_after_an_hour_the_address_says_so(client: Client) -> None:
    path = send(client)
    later(OwnPicture.objects.get(), expires_at=timedelta(hours=1, seconds=1))
    for address in (path, f"{path}progress/"):
        answer = client.get(address)
        assert (answer.status_code, "deleted after an hour" in answer.content.decode()) == (404, True)
    assert client.post(f"{path}delete/").status_code == 404


@pytest.mark.parametrize("token", ["nothing", "A" * 24, "a%00b", "..%2f..", "x" * 500])
def test_guessed_addresses_find_nothing(token: str, client: Client) -> None:
    for end in ("", "progress/"):
        assert client.get(f"/hear/{token}/{end}").status_code == 404


def test_the_operators_switch_closes_the_door_but_not_the_rooms(product: Settings, client: Client) -> None:
    path = send(client)
    product.HEAR = False
    assert client.get("/hear/").status_code == 404
    assert client.post("/hear/", {}).status_code == 404
    assert "/hear/" not in client.get("/").content.decode()
    assert client.get(path).status_code == 200
    assert client.post(f"{path}delete/")["Location"] == "/"


def test_the_home_page_leads_here(client: Client) -> None:
    assert 'href="/hear/"' in client.get("/").content.decode()


NO_TORCH = """
import sys, django
django.setup()
from django.test import Client
assert Client().get("/hear/", headers={"host": "localhost"}).status_code == 200
from study.domain import uploads
import io
try:
    uploads.check(io.BytesIO(b"text"))
except uploads.UploadRefused:
    pass
print(sorted({"torch", "synvae_core", "PIL.Image"} & set(sys.modules)))
"""


def test_the_web_process_loads_neither_torch_nor_a_decoder() -> None:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "study.settings",
        "PYTHONPATH": str(django_settings.BASE_DIR),
        "DEBUG": "true",  # static files as they lie
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
    }
    command = [sys.executable, "-W", "ignore", "-c", NO_TORCH]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("[]\n", "")


def test_the_language_of_the_address_goes_along(translator: None, client: Client) -> None:
    content = SimpleUploadedFile("a.jpg", sent.drawing().getvalue())
    answer = client.post("/hear/?language=nl", {"picture": content})
    path = f"/hear/{OwnPicture.objects.get().token}/"
    assert answer["Location"] == f"{path}?language=nl"
    own_pictures.run(OwnPicture.objects.get().pk)
    page = client.get(answer["Location"]).content.decode()
    assert ('lang="nl"' in page, 'href="/hear/?language=nl"' in page) == (True, True)
    assert client.post(f"{path}delete/?language=nl")["Location"] == "/hear/?language=nl"
