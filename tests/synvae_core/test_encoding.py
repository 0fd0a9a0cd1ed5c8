"""Encoding by blocks, shards and processes gives the file of one process, whatever is killed on the way."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synvae_core import data
from synvae_core.cli import main
from synvae_core.encoding import Job, Shard, encode
from synvae_core.latents import LatentError, LatentSet
from synvae_core.translator import Translator
from tests.synvae_core.tiny import save_noise

IMAGES = 600


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 pictures of noise in two classes."""
    return save_noise(tmp_path_factory.mktemp("pictures"), IMAGES)


@pytest.fixture
def job(pictures: Path, tiny_synvae: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setenv("EARSIGHT_DATA", str(tmp_path / "data"))
    return Job(f"folder:{pictures}", None, str(tiny_synvae), tmp_path / "latents.npz", block=256)


@pytest.fixture
def whole(pictures: Path, tiny_synvae: Path) -> LatentSet:
    """What one process makes of all pictures at once."""
    return Translator.load(tiny_synvae).encode(data.load(f"folder:{pictures}"))


def assert_same(file: Path, whole: LatentSet) -> None:
    found = LatentSet.load(file)
    assert np.array_equal(found.z, whole.z)
    assert np.array_equal(found.labels, whole.labels)
    assert (found.ids, found.class_names) == (whole.ids, whole.class_names)


@pytest.mark.parametrize("jobs", [1, 2])
def test_blocks_give_the_file_of_one_process(job: Job, whole: LatentSet, jobs: int) -> None:
    seen: list[tuple[int, int]] = []
    encoded = encode(job, jobs=jobs, progress=lambda done, of: seen.append((done, of)))
    assert (encoded.images, encoded.dimensions, encoded.complete) == (IMAGES, 8, True)
    assert sum(done for done, _ in seen) == IMAGES
    assert {of for _, of in seen} == {IMAGES}
    assert_same(job.output, whole)
    assert not job.parts.exists()


def test_pictures_without_classes_are_encoded_down_to_one(job: Job, pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "flat").mkdir()
    shutil.copy(next(pictures.rglob("*.png")), tmp_path / "flat" / "a.png")
    encode(replace(job, data=f"folder:{tmp_path / 'flat'}"))
    latents = LatentSet.load(job.output)
    assert (latents.class_names, latents.ids, latents.z.shape) == (("flat",), ("a.png",), (1, 8))


def test_shards_in_any_order_complete_one_file(job: Job, whole: LatentSet) -> None:
    assert [encode(job, shard=Shard(number, 3)).complete for number in (3, 1)] == [False, False]
    assert not job.output.exists()
    assert encode(job, shard=Shard(2, 3)).complete
    assert_same(job.output, whole)


@pytest.mark.parametrize("of", [1, 2, 3, 7])
def test_shards_take_every_block_once(of: int) -> None:
    firsts = list(range(0, 5000, 500))
    taken = [first for number in range(1, of + 1) for first in Shard(number, of).of_blocks(firsts)]
    assert sorted(taken) == firsts


def test_what_was_done_before_a_stop_is_not_done_again(job: Job, whole: LatentSet) -> None:
    encode(job, shard=Shard(1, 3))
    part = job.part(0)
    before = part.stat().st_mtime_ns
    seen: list[int] = []

    def stop(done: int, of: int) -> None:
        seen.append(done)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encode(job, progress=stop)
    assert (seen, part.stat().st_mtime_ns) == ([256, 256], before)
    assert encode(job).complete
    assert_same(job.output, whole)


def test_a_killed_command_goes_on(job: Job, whole: LatentSet) -> None:
    command = [sys.executable, "-m", "synvae_core", "encode", job.data, "--model", job.model]
    command += ["-o", str(job.output), "--jobs", "2"]
    process = subprocess.Popen(command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 100
    while not job.parts.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0
    assert_same(job.output, whole)


def test_parts_of_other_images_or_of_another_model_are_not_mixed_in(job: Job, tmp_path: Path) -> None:
    encode(job, shard=Shard(1, 2))
    with pytest.raises(LatentError, match="parts of other images or of another model"):
        encode(replace(job, split="train"))


def test_a_damaged_part_is_encoded_again_the_next_time(job: Job, whole: LatentSet) -> None:
    encode(job, shard=Shard(1, 2))
    job.part(0).write_bytes(job.part(0).read_bytes()[:200])
    with pytest.raises(LatentError, match=r"000000000\.npy was damaged and has been removed: repeat"):
        encode(job)
    assert encode(job).complete
    assert_same(job.output, whole)


def test_a_place_that_cannot_be_written_is_told(job: Job, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LatentError, match="could not be written"):
        encode(replace(job, output=tmp_path / "file" / "latents.npz"))


def test_a_share_on_the_command_line(job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["encode", job.data, "--model", job.model, "-o", str(job.output)]
    assert main([*command, "--shard", "2/2"]) == 0
    assert "this share is done" in capsys.readouterr().out
    assert main([*command, "--shard", "1/2"]) == 0
    assert capsys.readouterr().out == f"{job.output}: 600 images in 8 dimensions\n"


@pytest.mark.parametrize("share", ["3/2", "0/2", "2", "a/b", "1/", "-1/2"])
def test_a_share_that_is_none_is_refused(share: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["encode", "mnist", f"--shard={share}"])
    assert "is no share: write I/N" in capsys.readouterr().err


def test_encoding_writes_latents_that_sampling_reads(
    tiny_synvae: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one/a", "one/b", "two/c"):
        (tmp_path / "pictures" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (28, 28), 200).save(tmp_path / "pictures" / f"{name}.png")
    (tmp_path / "pictures" / "two" / "broken.png").write_text("no picture")
    file = tmp_path / "latents.npz"
    arguments = ["encode", f"folder:{tmp_path / 'pictures'}", "-o", str(file), "--model", str(tiny_synvae)]
    assert main([*arguments, "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {
        "file": str(file),
        "images": 3,
        "dimensions": 8,
        "skipped": ["two/broken.png"],
    }
    assert "left out two/broken.png" in printed.err
    latents = LatentSet.load(file)
    assert (latents.ids, latents.class_names) == (("one/a.png", "one/b.png", "two/c.png"), ("one", "two"))
    assert latents.labels.tolist() == [0, 0, 1]
