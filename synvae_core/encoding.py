"""Encoding a data set of any size: block by block, by several processes or machines, into one file.

Blocks lie in a folder beside the output until all are there. A run that was killed goes on with the blocks
that are missing, and shards that share the folder complete it together. Blocks are whole batches, so that the
result is that of one process to the last bit.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from synvae_core import data
from synvae_core.data import ImageSource, Skipped
from synvae_core.files import whole_file
from synvae_core.latents import LatentError, LatentSet

if TYPE_CHECKING:
    from synvae_core.translator import Translator

IDENTITY = "encoding.json"
Progress = Callable[[int, int], object]  # called with the number of images just done, and all of this share


@dataclass(frozen=True)
class Job:
    """What is encoded, with which model, and where to; small enough to be sent to another process.

    `block` is in images, a multiple of the translator's batch.
    """

    data: str
    split: str | None
    model: str
    output: Path
    block: int = 2048

    @property
    def parts(self) -> Path:
        """The folder of finished blocks, beside the output."""
        return self.output.with_name(f"{self.output.name}.parts")

    def part(self, first: int) -> Path:
        """The file of the block that begins at an image."""
        return self.parts / f"{first:09d}.npy"

    def translator(self) -> Translator:
        """The model; raises CheckpointError."""
        from synvae_core.translator import Translator

        return Translator.load(self.model)

    def source(self, shape: tuple[int, int, int], *, stream: bool) -> ImageSource:
        """The images, in memory or read from disk, which bam: always is; raises DataError."""
        if stream or self.data.startswith("bam:"):
            return data.stream(self.data, self.split, shape=shape, fewest_classes=1)
        return data.load(self.data, self.split, shape=shape, fewest_classes=1)


@dataclass(frozen=True)
class Shard:
    """The `number`-th of `of` equal shares, from 1."""

    number: int = 1
    of: int = 1

    def of_blocks(self, firsts: list[int]) -> list[int]:
        """Every `of`-th block."""
        return firsts[self.number - 1 :: self.of]


@dataclass(frozen=True)
class Encoded:
    """How many images there are, of how many dimensions each, and whether the output is complete."""

    images: int
    dimensions: int
    skipped: tuple[Skipped, ...]
    complete: bool


def encode(
    job: Job, *, shard: Shard | None = None, jobs: int = 1, progress: Progress = lambda done, of: None
) -> Encoded:
    """Encode the shard's missing blocks, and write the output if that completes them.

    Raises LatentError when the parts that are there belong to other images or another model, when a process
    was lost, or when something cannot be written.
    """
    translator = job.translator()
    source = job.source(translator.image_shape, stream=jobs > 1 or shard is not None)
    firsts = list(range(0, len(source), job.block))
    _claim(job, source, translator)
    wanted = (shard or Shard()).of_blocks(firsts)
    missing = [first for first in wanted if not job.part(first).exists()]
    share = sum(_size(job, first, source) for first in wanted)
    progress(share - sum(_size(job, first, source) for first in missing), share)
    done = _in_processes(job, missing, jobs) if jobs > 1 else _here(job, missing, translator, source)
    for first in done:
        progress(_size(job, first, source), share)
    complete = all(job.part(first).exists() for first in firsts)
    if complete:
        _join(job, firsts, source)
    return Encoded(len(source), translator.visvae.config.latent, source.skipped, complete)


def _here(job: Job, firsts: list[int], translator: Translator, source: ImageSource) -> Iterator[int]:
    for first in firsts:
        _write_block(job, first, translator, source)
        yield first


def _size(job: Job, first: int, source: ImageSource) -> int:
    return min(job.block, len(source) - first)


def _write_block(job: Job, first: int, translator: Translator, source: ImageSource) -> None:
    from synvae_core.translator import BATCH

    last = first + _size(job, first, source)
    batches = [np.arange(start, min(start + BATCH, last)) for start in range(first, last, BATCH)]
    z = np.concatenate([translator.latents(source.read(batch)) for batch in batches])
    try:
        with whole_file(job.part(first)) as file:
            np.save(file, z)
    except OSError as error:
        raise _unwritable(job.part(first), error) from error


def _unwritable(path: Path, error: OSError) -> LatentError:
    return LatentError(f"{path} could not be written ({error.strerror}): check the disk; repeating goes on.")


# ---------------------------------------------------------------- several processes

_tools: tuple[Job, Translator, ImageSource] | None = None  # a worker's own


def _prepare(job: Job, threads: int) -> None:
    import torch

    global _tools
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    torch.set_num_threads(threads)
    translator = job.translator()
    _tools = job, translator, job.source(translator.image_shape, stream=True)


def _work(first: int) -> int:
    assert _tools is not None
    job, translator, source = _tools
    _write_block(job, first, translator, source)
    return first


def _in_processes(job: Job, firsts: list[int], jobs: int) -> Iterator[int]:
    """Blocks as they are done, by fresh processes that load model and images once each."""
    if not firsts:
        return
    threads = max(1, (os.cpu_count() or 1) // jobs)
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(firsts)), context, initializer=_prepare, initargs=(job, threads))
    try:
        running = {pool.submit(_work, first) for first in firsts}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
    except BrokenProcessPool:
        raise LatentError(
            "A process was ended from outside, perhaps for want of memory: repeat with fewer --jobs to go on."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


# ---------------------------------------------------------------- one folder, one encoding


def _claim(job: Job, source: ImageSource, translator: Translator) -> None:
    """Make the folder of parts, or check that the one that is there is for these images and this model."""
    identity = {
        "images": _digest_of_images(source),
        "model": _digest_of_model(translator),
        "block": job.block,
    }
    path = job.parts / IDENTITY
    try:
        if path.exists():
            if json.loads(path.read_text(encoding="utf-8")) != identity:
                raise LatentError(
                    f"{job.parts} holds parts of other images or of another model: remove it, or choose "
                    "another output."
                )
        else:
            with whole_file(path) as file:
                file.write(json.dumps(identity).encode())
    except ValueError:
        raise LatentError(f"{path} is damaged: remove {job.parts} to begin anew.") from None
    except OSError as error:
        raise _unwritable(path, error) from error


def _digest_of_images(source: ImageSource) -> str:
    known = hashlib.sha256("\n".join(source.ids).encode())
    known.update(np.ascontiguousarray(source.labels).tobytes())
    return known.hexdigest()


def _digest_of_model(translator: Translator) -> str:
    known = hashlib.sha256()
    for name, tensor in sorted(translator.visvae.state_dict().items()):
        known.update(name.encode() + tensor.contiguous().numpy().tobytes())
    return known.hexdigest()


def _join(job: Job, firsts: list[int], source: ImageSource) -> None:
    """Write the output from all blocks, then remove them; another shard may have done so just now."""
    try:
        z: NDArray[np.float32] = np.concatenate([_read_block(job, first, source) for first in firsts])
    except FileNotFoundError:
        return
    LatentSet(z, source.labels, source.ids, source.class_names).save(job.output)
    with suppress(OSError):
        shutil.rmtree(job.parts)


def _read_block(job: Job, first: int, source: ImageSource) -> NDArray[np.float32]:
    try:
        z: NDArray[np.float32] = np.load(job.part(first), allow_pickle=False)
        if len(z) == _size(job, first, source):
            return z
    except (ValueError, EOFError):
        pass
    job.part(first).unlink(missing_ok=True)
    raise LatentError(f"{job.part(first)} was damaged and has been removed: repeat to encode it again.")
