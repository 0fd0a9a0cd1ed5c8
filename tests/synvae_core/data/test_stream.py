"""Pictures read from disk: the same as in memory, whatever was killed, changed or broken meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synvae_core import data
from synvae_core.data import DataError, shards, unpacking
from tests.synvae_core.data.drawn import save

COLOUR = (32, 32, 3)


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(unpacking, "ROWS", 4)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Ten pictures of random colours and proportions in two classes."""
    random = np.random.default_rng(3)
    for i in range(10):
        pixels = random.integers(0, 256, (*random.integers(20, 90, 2), 3), dtype=np.uint8)
        save(tmp_path / "set" / ("cat" if i % 2 else "dog") / f"{i}.png", Image.fromarray(pixels))
    return tmp_path / "set"


def stream(folder: Path, split: str = "all", **options: object) -> data.ImageSource:
    return data.stream(f"folder:{folder}", split, shape=COLOUR, **options)  # type: ignore[arg-type]


def made(tmp_path: Path) -> dict[str, int]:
    """The unpacked files and when they were made."""
    return {p.name: p.stat().st_mtime_ns for p in (tmp_path / "data" / "unpacked").glob("*/[!.]*")}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_stream_gives_what_is_loaded_in_memory(pictures: Path, workers: int) -> None:
    loaded, streamed = data.load(f"folder:{pictures}", shape=COLOUR), stream(pictures, workers=workers)
    assert (streamed.ids, streamed.class_names, len(streamed)) == (loaded.ids, ("cat", "dog"), 10)
    np.testing.assert_array_equal(streamed.labels, loaded.labels)
    np.testing.assert_array_equal(streamed.read(range(10)), loaded.pixels)
    np.testing.assert_array_equal(streamed.read([7, 0, 7, 3]), loaded.pixels[[7, 0, 7, 3]])
    assert streamed.read([]).shape == (0, *COLOUR)
    assert streamed.read([1]).dtype == np.float32


def test_one_channel_is_binarised_unless_grey_is_asked_for(pictures: Path) -> None:
    for grey in (False, True):
        loaded = data.load(f"folder:{pictures}", grey=grey)
        streamed = data.stream(f"folder:{pictures}", grey=grey)
        np.testing.assert_array_equal(streamed.read(range(10)), loaded.pixels)


def test_what_is_read_ahead_is_the_same(pictures: Path) -> None:
    streamed = stream(pictures, vary=True)
    batches = [[i, (i * 3) % 10] for i in range(10)]
    expected = [streamed.read(batch, epoch=1) for batch in batches]
    for batch in batches:  # more than are kept
        streamed.prefetch(batch, epoch=1)
        streamed.prefetch(batch, epoch=1)
    for batch, pixels in zip(batches, expected, strict=True):
        np.testing.assert_array_equal(streamed.read(batch, epoch=1), pixels)
        np.testing.assert_array_equal(streamed.read(batch), streamed.read(batch))


def test_an_epoch_cuts_elsewhere_and_a_new_run_cuts_there_again(pictures: Path) -> None:
    first = stream(pictures, vary=True, seed=5)
    again = stream(pictures, vary=True, seed=5)
    other = stream(pictures, vary=True, seed=6)
    every = range(10)
    np.testing.assert_array_equal(first.read(every, epoch=2), again.read(every, epoch=2))
    np.testing.assert_array_equal(first.read([4, 2], epoch=2), first.read(every, epoch=2)[[4, 2]])
    assert not np.array_equal(first.read(every, epoch=2), first.read(every, epoch=3))
    assert not np.array_equal(first.read(every, epoch=2), other.read(every, epoch=2))
    assert not np.array_equal(first.read(every, epoch=2), first.read(every))


def test_cuts_reach_both_ends_of_a_picture_evenly(tmp_path: Path) -> None:
    ramp = np.repeat(np.arange(64, dtype=np.uint8)[np.newaxis, :, np.newaxis], 32, axis=0).repeat(3, axis=2)
    for name in ("a/1.png", "b/1.png"):
        save(tmp_path / "ramps" / name, Image.fromarray(ramp))
    streamed = stream(tmp_path / "ramps", vary=True)
    lefts = [round(float(streamed.read([0], epoch=e)[0, 0, 0, 0]) * 255) for e in range(1500)]
    counts = np.bincount(lefts)
    assert len(counts) == 33
    assert counts.min() > 20
    assert round(float(streamed.read([0])[0, 0, 0, 0]) * 255) == 16


def test_broken_pictures_are_named_and_rows_stay_together(pictures: Path) -> None:
    (pictures / "cat" / "0.png").write_bytes(b"no picture")
    (pictures / "dog" / "9.jpg").write_bytes(b"")
    loaded, streamed = data.load(f"folder:{pictures}", shape=COLOUR), stream(pictures)
    assert streamed.skipped == loaded.skipped
    assert [skipped.file for skipped in streamed.skipped] == ["cat/0.png", "dog/9.jpg"]
    assert streamed.ids == loaded.ids
    np.testing.assert_array_equal(streamed.read(range(10)), loaded.pixels)
    for path in (pictures / "dog").iterdir():
        path.write_bytes(b"")
    with pytest.raises(DataError, match=r"Only 5 of 12 pictures .* leaves less than two classes"):
        stream(pictures)


def test_a_second_run_unpacks_nothing_and_a_change_only_its_own_shard(pictures: Path, tmp_path: Path) -> None:
    stream(pictures)
    before = made(tmp_path)
    assert len(before) == 6  # three shards of a .bin and a .json
    stream(pictures)
    assert made(tmp_path) == before
    save(pictures / "dog" / "8.png", Image.new("RGB", (50, 50), "blue"))
    streamed = stream(pictures)
    after = made(tmp_path)
    assert len(after) == 6
    assert len(after.items() & before.items()) == 4
    np.testing.assert_array_equal(streamed.read([streamed.ids.index("dog/8.png")])[0, 0, 0], [0, 0, 1])


def test_an_unpacking_that_was_killed_is_resumed(pictures: Path, tmp_path: Path) -> None:
    stream(pictures)
    (place,) = (tmp_path / "data" / "unpacked").iterdir()
    lost, cut, *kept = sorted(place.glob("*.json"))
    lost.unlink()
    content = cut.with_suffix(".bin").read_bytes()
    cut.with_suffix(".bin").write_bytes(content[:-1])
    (place / ".x.bin.1.part").write_bytes(b"left by a killed worker")
    os.utime(place / ".x.bin.1.part", (0, 0))
    before = made(tmp_path)
    streamed = stream(pictures)
    np.testing.assert_array_equal(
        streamed.read(range(10)), data.load(f"folder:{pictures}", shape=COLOUR).pixels
    )
    after = made(tmp_path)
    assert len(after) == 6
    assert [after[p.name] == before.get(p.name) for p in (lost, cut, *kept)] == [False, False, True]


def test_unpacked_pictures_that_vanish_meanwhile_are_told(pictures: Path, tmp_path: Path) -> None:
    streamed = stream(pictures)
    for path in (tmp_path / "data" / "unpacked").glob("*/*.bin"):
        path.write_bytes(b"")
    with pytest.raises(DataError, match=r"removed or changed since it was made .*; begin again"):
        streamed.read([0])


def test_each_split_is_unpacked_by_itself(pictures: Path, tmp_path: Path) -> None:
    for number in range(30):
        save(pictures / f"dog/more-{number}.png")
    parts = [stream(pictures, split) for split in ("train", "validation", "test")]
    before = made(tmp_path)
    assert sum(len(part) for part in parts) == 40
    for split in ("train", "validation", "test"):
        stream(pictures, split)
    assert made(tmp_path) == before


def test_progress_tells_how_many_pictures_are_done(pictures: Path) -> None:
    seen: list[tuple[int, int]] = []
    stream(pictures, progress=lambda done, every: seen.append((done, every)))
    assert [every for _, every in seen] == [10, 10, 10]
    assert np.diff([0, *(done for done, _ in seen)]).tolist() in ([4, 4, 2], [4, 2, 4], [2, 4, 4])


@pytest.mark.parametrize(
    "worker",
    [
        "import sys; sys.stdin.readline()",
        "import os; os.close(0)",
        "import os, time; os.close(0); time.sleep(1)",
    ],
)
def test_a_worker_that_is_ended_is_told_and_what_is_done_is_kept(
    pictures: Path, monkeypatch: pytest.MonkeyPatch, worker: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(unpacking, "WORKER", worker)
        with pytest.raises(DataError, match=r"between \S+.png and .* \(the worker process was ended\)"):
            stream(pictures, workers=2)
    assert len(stream(pictures, workers=2)) == 10


@pytest.mark.parametrize("workers", [1, 2])
def test_a_place_that_cannot_be_written_is_told(pictures: Path, tmp_path: Path, workers: int) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "unpacked").write_bytes(b"no folder")
    with pytest.raises(DataError, match=r"cannot be written \(Not a directory\); free some space"):
        stream(pictures, workers=workers)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_disk_that_refuses_a_shard_is_told(pictures: Path, tmp_path: Path, workers: int) -> None:
    stream(pictures, workers=1)
    (place,) = (tmp_path / "data" / "unpacked").iterdir()
    for index in list(place.glob("*.json")):
        index.unlink()
        index.mkdir()
    with pytest.raises((DataError, OSError), match="Is a directory"):
        stream(pictures, workers=workers)


def test_two_processes_at_once_share_the_work(pictures: Path, tmp_path: Path, repository: Path) -> None:
    script = f"""
from synvae_core.data import loading, unpacking
unpacking.ROWS = 4
steps = []
source = loading.stream("folder:{pictures}", shape={COLOUR}, progress=lambda *now: steps.append(now))
print(len(steps), float(source.read(range(10)).sum()))
"""
    command = [sys.executable, "-c", script]
    both = [subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=60)[0].split() for process in both]
    assert sorted(int(steps) for steps, _ in told) == [0, 3]
    assert told[0][1] == told[1][1]


def test_published_data_sets_come_in_memory_and_unknown_ones_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="MNIST images are 28x28x1"):
        data.stream("mnist", shape=COLOUR)
    with pytest.raises(DataError, match="no data set 'cats'; use mnist, cifar10, bam:PATH, or folder:PATH"):
        data.stream("cats")
    with pytest.raises(DataError, match="cannot be loaded as"):
        data.stream(f"folder:{tmp_path}", shape=(16, 16, 3))


def test_a_job_reads_back_as_it_was_written(tmp_path: Path) -> None:
    odd = os.fsdecode(b"caf\xe9\n.png")  # no UTF-8, and a line break
    job = shards.Job.of(tmp_path, tmp_path, ["a.png", odd], COLOUR, "square")
    assert shards.Job.loads(job.dumps()) == job
    assert "\n" not in job.dumps()
