"""Unpacked pictures on disk: shards of plain bytes, of which any row is read without holding the rest.

A shard is NAME.bin, its pictures (h, w, C) one after another, and NAME.json: their sizes, and why some could
not be read. The name is a digest of which files it was made from, so a changed file makes another shard.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from synvae_core.data.image_set import DataError
from synvae_core.data.pictures import Bytes, Fit, Shape, UnreadablePicture, decode
from synvae_core.files import whole_file

FORMAT = 1  # of shards; another number makes all of them anew


@dataclass(frozen=True)
class Job:
    """A shard to be made in `place` from pictures of `folder`; all that a worker process needs to know."""

    place: str
    name: str
    folder: str
    files: tuple[str, ...]
    shape: Shape
    fit: Fit

    @classmethod
    def of(cls, place: Path, folder: Path, files: Sequence[str], shape: Shape, fit: Fit) -> Job:
        """The job, named after what it will be made from: each file's name, length and time of change."""
        told = json.dumps([FORMAT, shape, fit, [[file, *_state(folder / file)] for file in files]])
        name = hashlib.sha256(told.encode()).hexdigest()[:24]
        return cls(str(place), name, str(folder), tuple(files), shape, fit)

    def dumps(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def loads(cls, line: str) -> Job:
        """The job of such a line."""
        told = json.loads(line)
        return cls(**{**told, "files": tuple(told["files"]), "shape": tuple(told["shape"])})

    @property
    def pixels(self) -> Path:
        """The shard's bytes."""
        return Path(self.place) / f"{self.name}.bin"

    @property
    def index(self) -> Path:
        """The shard's sizes and reasons; written last, so that a shard that has one is whole."""
        return Path(self.place) / f"{self.name}.json"


def _state(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError:
        return -1, -1
    return state.st_size, state.st_mtime_ns


def write_shard(job: Job) -> None:
    """Unpacks the job's pictures, in the memory that the largest takes. Raises OSError when the disk does."""
    sizes: list[tuple[int, int]] = []
    reasons: dict[int, str] = {}
    with whole_file(job.pixels) as file:
        for row, name in enumerate(job.files):
            try:
                values = decode(Path(job.folder) / name, job.shape, job.fit)
            except UnreadablePicture as error:
                reasons[row] = str(error)
                sizes.append((0, 0))
            else:
                file.write(values.tobytes())
                sizes.append((values.shape[0], values.shape[1]))
    with whole_file(job.index) as file:
        file.write(json.dumps({"sizes": sizes, "reasons": reasons}).encode())


def read_index(job: Job) -> tuple[NDArray[np.int64], dict[int, str]] | None:
    """Sizes (n, 2) and the reasons of those that are (0, 0), or None when the shard is missing or damaged."""
    try:
        told = json.loads(job.index.read_bytes())
        sizes = np.array(told["sizes"], dtype=np.int64).reshape(len(job.files), 2)
        reasons = {int(row): str(reason) for row, reason in told["reasons"].items()}
        whole = job.pixels.stat().st_size == sizes.prod(axis=1).sum() * job.shape[2]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return (sizes, reasons) if whole else None


@dataclass(frozen=True, eq=False)
class Unpacked:
    """Where each picture lies: its shard (N,), its first byte there (N,) and its size (N, 2)."""

    shards: tuple[Path, ...]
    shard: NDArray[np.int64]
    start: NDArray[np.int64]
    sizes: NDArray[np.int64]
    channels: int

    @classmethod
    def of(cls, jobs: Sequence[Job], sizes: Sequence[NDArray[np.int64]]) -> Unpacked:
        """The pictures of finished jobs, in their order, those that could not be read left out."""
        channels = jobs[0].shape[2]
        lengths = [size.prod(axis=1) * channels for size in sizes]
        every = np.concatenate(sizes)
        kept = every[:, 0] > 0
        return cls(
            shards=tuple(job.pixels for job in jobs),
            shard=np.repeat(np.arange(len(jobs)), [len(size) for size in sizes])[kept],
            start=np.concatenate([np.cumsum(length) - length for length in lengths])[kept],
            sizes=every[kept],
            channels=channels,
        )

    def read(self, rows: NDArray[np.int64]) -> list[Bytes]:
        """The pictures (h, w, C) of these rows, in their order. Raises DataError when a shard has gone."""
        shards = self.shard[rows]
        values: dict[int, Bytes] = {}
        for shard, places in groupby(
            np.argsort(shards, kind="stable").tolist(), key=lambda i: int(shards[i])
        ):
            path = self.shards[shard]
            try:
                with path.open("rb", buffering=0) as file:
                    values |= {place: self._one(file.fileno(), int(rows[place])) for place in places}
            except (OSError, ValueError) as error:
                raise DataError(
                    f"{path} has been removed or changed since it was made ({error}); begin again, and it is "
                    "made anew."
                ) from error
        return [values[place] for place in range(len(rows))]

    def _one(self, file: int, row: int) -> Bytes:
        height, width = self.sizes[row].tolist()
        content = os.pread(file, height * width * self.channels, int(self.start[row]))
        return np.frombuffer(content, dtype=np.uint8).reshape(height, width, self.channels)
