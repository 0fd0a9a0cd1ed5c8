"""Unpacking a listing's pictures into shards, once, by worker processes; a broken run is resumed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from synvae_core.data.fetching import data_folder
from synvae_core.data.image_set import DataError, Skipped
from synvae_core.data.listing import Listing
from synvae_core.data.pictures import Shape, most_pixels
from synvae_core.data.shards import Job, Unpacked, read_index, write_shard

ROWS = 1024  # of a shard: a second or two of work
STALE_S = 3600
# A worker is an interpreter told a job a line: no copy of the parent's memory, threads or main module.
WORKER = "import sys; sys.path.insert(0, sys.argv[1]); from synvae_core.data.unpacking import serve; serve()"

Progress = Callable[[int, int], None]


def unpack(
    listing: Listing,
    split: str,
    shape: Shape,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> tuple[Listing, Unpacked]:
    """The readable part of a listing, and its pictures as bytes in the data folder.

    Shards that are there from before are kept; `progress` is told (pictures done, all). Memory does not
    grow with their number: a worker (default: one per processor) takes what its largest picture takes, a
    gigabyte at most. Raises DataError when too few pictures can be read.
    """
    most_pixels()  # a bad setting is told here, not by a worker
    place = _place(listing, split, shape)
    jobs = [
        Job.of(place, listing.folder, listing.files[row : row + ROWS], shape, listing.fit)
        for row in range(0, len(listing), ROWS)
    ]
    with _alone(place):  # what is missing may be there by then
        _complete(place, jobs, workers or _processors(), progress)
    return _finished(listing, jobs)


def _complete(place: Path, jobs: list[Job], workers: int, progress: Progress | None) -> None:
    missing = [job for job in jobs if read_index(job) is None]
    every, left = (sum(len(job.files) for job in some) for some in (jobs, missing))
    done = [every - left]

    def finished(job: Job) -> None:
        done.append(len(job.files))
        if progress:
            progress(sum(done), every)

    _work(missing, workers, finished)
    _tidy(place, jobs)


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Lets one of several processes at a time work in a place, as under torchrun; the others find it done."""
    try:
        place.mkdir(parents=True, exist_ok=True)
        lock = (place / ".lock").open("w")
    except OSError as error:
        raise DataError(
            f"{place} cannot be written ({error.strerror}); free some space or set EARSIGHT_DATA elsewhere."
        ) from error
    with lock:
        with suppress(OSError):  # a file system without locks: the work is done several times, and right
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _place(listing: Listing, split: str, shape: Shape) -> Path:
    told = f"{listing.folder.resolve()} {split} {shape} {listing.fit}"
    digest = hashlib.sha256(told.encode(errors="surrogateescape")).hexdigest()[:8]
    return (data_folder() / "unpacked" / f"{listing.folder.resolve().name}-{split}-{digest}").resolve()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _work(jobs: list[Job], workers: int, finished: Callable[[Job], None]) -> None:
    if min(workers, len(jobs)) < 2:
        for job in jobs:
            write_shard(job)
            finished(job)
        return
    waiting = deque(jobs)
    with ThreadPoolExecutor(min(workers, len(jobs))) as pool:
        crew = [pool.submit(_employ, waiting, finished) for _ in range(min(workers, len(jobs)))]
        try:
            for hand in crew:
                hand.result()
        finally:  # whatever stops one stops the rest
            waiting.clear()


def _employ(waiting: deque[Job], finished: Callable[[Job], None]) -> None:
    """One worker process, given jobs until none waits."""
    command = [sys.executable, "-c", WORKER, str(Path(__file__).resolve().parents[2])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        while waiting:
            try:
                job = waiting.popleft()
            except IndexError:  # another thread was faster
                break
            answer = _answer(worker, job)
            if answer != "done":
                raise DataError(_ended(job, answer))
            finished(job)


def _answer(worker: subprocess.Popen[str], job: Job) -> str:
    """What the worker says when the job is done, or nothing when it has been ended."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    try:
        print(job.dumps(), file=worker.stdin, flush=True)
    except BrokenPipeError:
        with suppress(BrokenPipeError):  # what could not be sent would be sent again when the pipe is closed
            worker.stdin.close()
        return ""
    return worker.stdout.readline().strip()


def _ended(job: Job, answer: str) -> str:
    where = f"between {job.files[0]} and {job.files[-1]} of {job.folder}"
    return (
        f"Unpacking pictures failed {where} ({answer or 'the worker process was ended'}); what is done is "
        "kept: see to space on the disk and in memory, and repeat."
    )


def serve() -> None:
    """The worker's side: a job a line on standard input, "done" or what went wrong on standard output."""
    for line in sys.stdin:
        try:
            write_shard(Job.loads(line))
        except OSError as error:
            print(" ".join(str(error).split()), flush=True)
        else:
            print("done", flush=True)


def _tidy(place: Path, jobs: list[Job]) -> None:
    """Removes shards of pictures that have changed since, and what killed workers left behind."""
    wanted = {path for job in jobs for path in (job.pixels, job.index)}
    for path in place.iterdir():
        stale = path.suffix == ".part" and path.stat().st_mtime < time.time() - STALE_S
        if stale or (path.suffix in {".bin", ".json"} and path not in wanted):
            path.unlink(missing_ok=True)


def _finished(listing: Listing, jobs: list[Job]) -> tuple[Listing, Unpacked]:
    rows: list[int] = []
    unreadable: list[Skipped] = []
    sizes = []
    for number, job in enumerate(jobs):
        index = read_index(job)
        if index is None:
            raise DataError(f"{job.pixels} was changed while it was made; repeat.")
        sizes.append(index[0])
        rows += (number * ROWS + index[0][:, 0].nonzero()[0]).tolist()
        unreadable += [Skipped(job.files[row], reason) for row, reason in index[1].items()]
    return listing.readable(rows, unreadable), Unpacked.of(jobs, sizes)
