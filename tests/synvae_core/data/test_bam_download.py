"""From the released file to a folder: slow and broken sites, kills in the middle, resuming."""

from __future__ import annotations

import csv
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from synvae_core import data
from synvae_core.cli import main
from synvae_core.data import DataError
from synvae_core.data.bam_download import Downloaded, download
from synvae_core.data.bam_settings import BamSettings
from tests.synvae_core.data.bam_made import Marks, release
from tests.synvae_core.data.served import Site, send, serve

MANNERS = {"a_second": 10_000, "first_wait_s": 0, "tries": 2, "timeout_s": 20}
FAST = BamSettings.model_validate({"download": MANNERS})


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


def picture(mid: int, size: tuple[int, int] = (200, 100), kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, (mid, 100, 0)).save(file, kind)
    return file.getvalue()


def world(site: Site, tmp_path: Path, count: int = 12) -> Path:
    """A released file of happy and scary oil paintings 1..count, which the site has."""
    labels: dict[int, Marks] = {
        mid: {"happy" if mid % 2 else "scary": 1, "oilpaint": 1} for mid in range(1, count + 1)
    }
    site.files |= {f"/{mid}": picture(mid) for mid in labels}
    modules = [{"mid": mid, "src": f"{site.address}/{mid}", "project_id": mid * 10} for mid in labels]
    return release(tmp_path / "bam.sqlite", modules, labels)


def there(folder: Path) -> list[int]:
    return sorted(int(path.stem) for path in (folder / "img").glob("*.jpg"))


def failures(folder: Path) -> list[tuple[str, str, str]]:
    with (folder / "failures.csv").open(newline="") as file:
        return sorted((row["mid"], row["reason"], row["for_good"]) for row in csv.DictReader(file))


def test_images_come_scaled_down_in_the_authors_form(site: Site, tmp_path: Path) -> None:
    database, folder = world(site, tmp_path), tmp_path / "bam"
    seen: list[tuple[int, int]] = []
    done = download(database, folder, FAST, progress=lambda *now: seen.append(now))
    assert done == Downloaded(folder, there=12, gone=0, left=0)
    assert seen == [(number, 12) for number in range(1, 13)]
    assert there(folder) == list(range(1, 13))
    with Image.open(folder / "img" / "7.jpg") as image:
        assert image.size == (128, 64)
    assert np.load(folder / "labels.npy").shape == (12, 20)
    assert np.load(folder / "mids.npy").tolist() == list(range(1, 13))
    assert yaml.safe_load((folder / "bam.yaml").read_text())["download"]["tries"] == 2
    images = data.load(f"bam:{folder}")
    assert images.class_names == ("happy", "scary")
    np.testing.assert_allclose(images.pixels[:, 0, 0, 0] * 255, range(1, 13), atol=2)
    assert [images.class_names[n] for n in images.labels] == ["happy", "scary"] * 6


def test_what_is_there_is_not_asked_for_again(site: Site, tmp_path: Path) -> None:
    database, folder = world(site, tmp_path), tmp_path / "bam"
    download(database, folder, FAST)
    (folder / "img" / "5.jpg").unlink()
    site.asked.clear()
    assert download(database, folder, FAST).there == 12
    assert dict(site.asked) == {"/5": 1}


def test_failures_are_listed_and_only_those_that_may_pass_are_tried_again(site: Site, tmp_path: Path) -> None:
    database, folder = world(site, tmp_path), tmp_path / "bam"
    del site.files["/1"]
    site.files["/2"] = b"<html>no picture</html>"
    site.files["/3"] = picture(3)[:-60]
    site.answers["/4"] = lambda handler: send(handler, 500)
    site.answers["/5"] = lambda handler: send(handler, 200, picture(5)[:50], Content_Length="9999")
    done = download(database, folder, FAST)
    assert done == Downloaded(folder, there=7, gone=2, left=3)
    listed = failures(folder)
    assert [(mid, for_good) for mid, _, for_good in listed] == [
        ("1", "yes"),
        ("2", "yes"),
        ("3", "no"),
        ("4", "no"),
        ("5", "no"),
    ]
    reasons = {mid: reason for mid, reason, _ in listed}
    assert reasons["1"] == "404 Not Found"
    assert "not a picture" in reasons["2"]
    assert "damaged" in reasons["3"]
    assert reasons["4"] == "500 Internal Server Error, 2 times"
    assert reasons["5"] == "it was cut short, 9,949 bytes before its end, 2 times"
    site.files["/3"] = picture(3)
    site.answers.clear()
    site.asked.clear()
    assert download(database, folder, FAST) == Downloaded(folder, there=10, gone=2, left=0)
    assert dict(site.asked) == {"/3": 1, "/4": 1, "/5": 1}
    assert failures(folder) == listed[:2]
    assert len(data.load(f"bam:{folder}")) == 10


def test_few_pictures_are_held_at_a_time(site: Site, tmp_path: Path) -> None:
    database, folder = world(site, tmp_path, count=40), tmp_path / "bam"
    ahead: list[int] = []
    download(database, folder, FAST, progress=lambda done, _: ahead.append(sum(site.asked.values()) - done))
    assert max(ahead) <= 4 * 2


def test_a_stop_in_the_middle_leaves_a_folder_that_can_be_used_and_completed(
    site: Site, tmp_path: Path
) -> None:
    database, folder = world(site, tmp_path), tmp_path / "bam"

    def stop(done: int, every: int) -> None:
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(database, folder, FAST, progress=stop)
    assert len(there(folder)) == 6
    assert len(data.load(f"bam:{folder}")) == 6
    site.asked.clear()
    assert download(database, folder, FAST).there == 12
    assert sum(site.asked.values()) == 6


def as_in_a_terminal() -> None:
    """A job in the background hands down an ignored Ctrl-C, which a terminal does not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize(("how", "code"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_a_kill_in_the_middle_is_resumed(
    site: Site, tmp_path: Path, repository: Path, how: signal.Signals, code: int
) -> None:
    database, folder = world(site, tmp_path, count=24), tmp_path / "bam"

    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)
        send(handler, 200, site.files[handler.path])

    site.answers = dict.fromkeys(site.files, slow)
    (tmp_path / "slow.yaml").write_text(yaml.safe_dump({"download": {**MANNERS, "connections": 2}}))
    arguments = ["fetch", f"bam:{database}", "-o", str(folder), "--settings", str(tmp_path / "slow.yaml")]
    with subprocess.Popen(
        [sys.executable, "-m", "synvae_core", *arguments],
        cwd=repository,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=as_in_a_terminal,
    ) as command:
        try:
            while not (folder / "img").is_dir() or len(there(folder)) < 3:
                assert command.poll() is None
                time.sleep(0.01)
            os.kill(command.pid, how)
            _, told = command.communicate(timeout=60)
        finally:
            command.kill()
    assert command.returncode == code
    assert "Traceback" not in told
    before = there(folder)
    assert 3 <= len(before) < 24
    for mid in before:  # what is there is whole
        with Image.open(folder / "img" / f"{mid}.jpg") as image:
            image.load()
    site.answers.clear()
    site.asked.clear()
    assert download(database, folder, FAST).there == 24
    assert sum(site.asked.values()) == 24 - len(before)


def test_a_torn_last_line_of_the_failures_does_not_matter(site: Site, tmp_path: Path) -> None:
    database, folder = world(site, tmp_path), tmp_path / "bam"
    del site.files["/1"]
    download(database, folder, FAST)
    with (folder / "failures.csv").open("a") as file:
        file.write("2,http://x")
    site.asked.clear()
    assert download(database, folder, FAST).gone == 1
    assert failures(folder) == [("1", "404 Not Found", "yes")]
    assert sum(site.asked.values()) == 0
    (folder / "failures.csv").write_text("mid;reason\n1;x\n")
    with pytest.raises(DataError, match="delete it, and all is asked for again"):
        download(database, folder, FAST)


def test_the_command_says_where_the_images_are_and_what_is_missing(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database, folder = world(site, tmp_path), tmp_path / "bam"
    del site.files["/1"]
    (tmp_path / "fast.yaml").write_text(yaml.safe_dump({"download": MANNERS}))
    arguments = ["fetch", f"bam:{database}", "-o", str(folder), "--settings", str(tmp_path / "fast.yaml")]
    assert main(arguments) == 0
    assert capsys.readouterr().out == (
        f"11 images are in {folder}; load them as bam:{folder}.\n"
        "1 are gone for good, 0 failed and are asked for again when you repeat this: "
        f"see {folder}/failures.csv.\n"
    )
    assert main([*arguments[:-2], "--json"]) == 0
    assert '"there": 11' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fetch", "bam:x.sqlite"], "Say with -o FOLDER where"),
        (["fetch", "bam:x.sqlite", "-o", "new"], "There is no file x.sqlite"),
        (["fetch", "bam:x.sqlite", "-o", "new", "--settings", "none.yaml"], "none.yaml cannot be read"),
        (["fetch", "mnist", "-o", "new"], "-o and --settings belong to bam:FILE"),
    ],
)
def test_what_the_command_cannot_do_is_said_in_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
