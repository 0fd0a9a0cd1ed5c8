"""Unpacking and reading pictures from disk: `python -m benchmarks.data [--images 20000] [--size 96x64]`.

Writes a BAM folder of that many JPEGs (2,000 different ones, linked) into a scratch folder, unpacks it with
one and with two worker processes, and reads batches of 256 in random order. Each measurement is a process of
its own; processor seconds include those of its workers, memory is the highest of any one process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from synvae_core import data

DIFFERENT = 2000
BATCH, BATCHES = 256, 40
MOST_IN_MEMORY = 50_000  # which takes 3 GB


def make(folder: Path, images: int, size: tuple[int, int]) -> None:
    """A BAM folder of smooth pictures with some noise, about as large as paintings are as JPEGs."""
    random = np.random.default_rng(1)
    (folder / "img").mkdir(parents=True)
    for mid in range(images):
        path = folder / "img" / f"{mid}.jpg"
        if mid < DIFFERENT:
            coarse = Image.fromarray(random.integers(0, 256, (9, 12, 3), dtype=np.uint8))
            smooth = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC)).astype(np.int16)
            noisy = smooth + random.integers(-12, 13, smooth.shape)
            Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(path, quality=90)
        else:
            os.link(folder / "img" / f"{mid % DIFFERENT}.jpg", path)
    labels = np.zeros((images, 15))
    labels[np.arange(images), random.integers(9, 13, images)] = 1
    np.save(folder / "labels.npy", labels)


def measured(step: str, folder: Path, workers: int) -> dict[str, float]:
    """One step in a process of its own: seconds by the clock and of processors, MiB of the largest one."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.data",
        "--step",
        step,
        str(folder),
        "--workers",
        str(workers),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def take(step: str, folder: Path, workers: int) -> None:
    """What a process of its own does."""
    name, wall, processor = f"bam:{folder}", time.monotonic(), seconds()
    if step == "load":
        images = len(data.load(name))
    else:
        source = data.stream(name, workers=workers)
        images = len(source)
        if step == "read":
            wall, processor, images = time.monotonic(), seconds(), BATCH * BATCHES
            order = np.random.default_rng(2).permutation(len(source)).astype(np.int64)
            order = np.resize(order, BATCH * BATCHES)
            for batch in order.reshape(BATCHES, BATCH):
                source.read(batch, epoch=1)
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    result = {"images": images, "wall": time.monotonic() - wall, "processor": seconds() - processor}
    print(json.dumps(result | {"mib": max(peaks) / 1024}))


def seconds() -> float:
    """Processor seconds of this process and of those it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def show(what: str, result: dict[str, float]) -> None:
    """One line of the table."""
    print(
        f"{what:32s}{result['images']:9,.0f} images{result['processor']:9.2f} processor s"
        f"{result['images'] / result['processor']:9,.0f} a processor s{result['wall']:9.2f} s by the clock"
        f"{result['mib']:7.0f} MiB"
    )


def main() -> None:
    """Makes the pictures, prints a line for each measurement, removes everything."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument(
        "--size", default="96x64", help="of the JPEGs (default: 96x64, as the authors keep them)"
    )
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--step", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        take(arguments.step[0], Path(arguments.step[1]), arguments.workers[0])
        return
    width, _, height = arguments.size.partition("x")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bam"
        make(folder, arguments.images, (int(width), int(height)))
        for workers in arguments.workers:
            os.environ["EARSIGHT_DATA"] = f"{scratch}/data-{workers}"
            show(f"unpack, workers: {workers}", measured("unpack", folder, workers))
        show("open what is unpacked", measured("unpack", folder, 1))
        show("read, random batches of 256", measured("read", folder, 1))
        if arguments.images <= MOST_IN_MEMORY:
            show("load all into memory", measured("load", folder, 1))


if __name__ == "__main__":
    main()
