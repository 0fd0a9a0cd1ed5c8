"""Seconds from images to latents, melodies and heard images: `python -m benchmarks.translate [--model NAME]`.

Uses the shipped model on MNIST's test images, in batches and one by one, on one thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import TypeVar

import torch

from synvae_core import data
from synvae_core.translator import Translator

Result = TypeVar("Result")
SINGLY = 100


def timed(what: str, count: int, work: Callable[[], Result]) -> Result:
    """Does the work, prints its processor seconds and the rate they give."""
    start = time.process_time()
    result = work()
    seconds = time.process_time() - start
    print(f"{what:28s}{count:7,} images{seconds:8.2f} processor s{count / seconds:9,.0f} a second")
    return result


def main() -> None:
    """Prints a line per step, and whether melodies depend on the company they are made in."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="mnist")
    parser.add_argument("--images", type=int, default=1000)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    translator = Translator.load(arguments.model)
    images = data.load("mnist", "test", shape=translator.image_shape)
    some = images.subset(range(min(arguments.images, len(images))))
    few = [images.subset([i]) for i in range(SINGLY)]
    timed("encode", len(images), lambda: translator.encode(images))
    melodies = timed("translate", len(some), lambda: translator.translate(some))
    alone = timed("translate one by one", SINGLY, lambda: [translator.translate(one)[0] for one in few])
    timed("imagine what is heard", len(some), lambda: translator.imagine(melodies))
    same = sum(one == other for one, other in zip(alone, melodies, strict=False))
    print(f"{same} of {SINGLY} melodies are the same alone and in a batch; {len(set(melodies)):,} different")


if __name__ == "__main__":
    main()
