"""How long a plan of BAM's size takes, and how much memory: `python -m benchmarks.sampling_plan`."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from sampling import Design, Latents, merge_small_classes, plan_study, verify_plan


def made_up(images: int, dimensions: int, classes: int) -> Latents:
    """Latents of Gaussian classes, as many images in each."""
    random = np.random.default_rng(0)
    labels = np.arange(images) % classes
    centres = random.normal(size=(classes, dimensions)).astype(np.float32)
    z = random.standard_normal((images, dimensions), dtype=np.float32)
    for start in range(0, images, 4096):
        z[start : start + 4096] += centres[labels[start : start + 4096]]
    ids = tuple(f"image-{number:07}.jpg" for number in range(images))
    return Latents(z, labels, ids, tuple(f"class-{number:04}" for number in range(classes)))


def peak(who: int = resource.RUSAGE_SELF) -> str:
    return f"peak {resource.getrusage(who).ru_maxrss / 1024:,.0f} MiB"


@contextmanager
def timed(name: str) -> Iterator[None]:
    wall, work = time.perf_counter(), time.process_time()
    yield
    wall, work = time.perf_counter() - wall, time.process_time() - work
    print(f"{name:22} {wall:6.2f} s, {work:6.2f} s of work, {peak()}")


def run_command(latents: Latents) -> None:
    """The whole command in a process of its own: start, reading, planning, writing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "latents.npz"
        np.savez(path, z=latents.z, labels=latents.labels, ids=latents.ids, class_names=latents.class_names)
        arguments = ["plan", str(path), "--seed", "7", "-o", str(Path(folder) / "plan.json")]
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "sampling", *arguments], check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    work = used.ru_utime + used.ru_stime
    print(f"{'the command':22} {seconds:6.2f} s, {work:6.2f} s of work, {peak(resource.RUSAGE_CHILDREN)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=180_000)
    parser.add_argument("--dimensions", type=int, default=512)
    parser.add_argument("--classes", type=int, default=10)
    options = parser.parse_args()
    per_class = options.images // options.classes

    with timed("made and checked"):
        latents = made_up(options.images, options.dimensions, options.classes)
    print(f"{'the latents alone':22} {latents.z.nbytes / 2**20:,.0f} MiB")
    with timed("plan"):
        plan = plan_study(latents, Design(), seed=7)
    with timed("plan, max_min"):
        plan_study(latents, Design(rule="max_min"), seed=7)
    with timed("plan, 1,000 nearest"):
        plan_study(latents, Design(nearest=min(1_000, per_class)), seed=7)
    with timed("merging all classes"):
        merge_small_classes(latents, options.images)
    with timed("verify"):
        verify_plan(latents, plan)
    run_command(latents)


if __name__ == "__main__":
    main()
