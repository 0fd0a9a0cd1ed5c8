"""Encode a data set: where each image lies in the VisVAE's latent space, as an npz for sampling."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from tqdm import tqdm

from synvae_core.cli.arguments import at_least_one
from synvae_core.cli.output import print_json, progress_bar

EXAMPLES = """  python -m synvae_core encode mnist --split test -o latents.npz
  python -m synvae_core encode folder:my/pictures -o latents.npz
  python -m synvae_core encode bam:/data/bam --split train --jobs 8 -o latents.npz
  python -m synvae_core encode bam:/data/bam --shard 2/4 -o /shared/latents.npz
  python -m sampling plan latents.npz --seed 7 -o plan.json
The same command again goes on where it was stopped."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The images, the model, the file, and who does which share."""
    parser.add_argument("data", help="mnist, cifar10, bam:PATH, or folder:PATH with class/image.*")
    parser.add_argument("--split", help="train, validation or test (default: test, all of a folder)")
    parser.add_argument("--model", default="mnist", help="a shipped name, a SynVAE's folder or a shared file")
    parser.add_argument("-o", "--output", type=Path, default=Path("latents.npz"), help="the npz to write")
    parser.add_argument("--jobs", type=at_least_one, default=1, help="processes on this machine (default 1)")
    parser.add_argument(
        "--shard",
        type=_shard,
        metavar="I/N",
        help="encode the I-th of N shares only; the last to be done writes the npz",
    )


def _shard(text: str) -> tuple[int, int]:
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise argparse.ArgumentTypeError(
            f"'{text}' is no share: write I/N, such as 2/4 for the second of four"
        )
    return int(number), int(of)


def run(arguments: argparse.Namespace) -> int:
    """Loads, encodes and writes; files that could not be read are named on stderr."""
    from synvae_core.encoding import Job, Shard, encode

    job = Job(arguments.data, arguments.split, arguments.model, arguments.output)
    shard = Shard(*arguments.shard) if arguments.shard else None
    with progress_bar(0, "images") as bar:
        encoded = encode(job, shard=shard, jobs=arguments.jobs, progress=partial(_show, bar))
    for skipped in encoded.skipped:
        print(f"left out {skipped}", file=sys.stderr)
    file = str(arguments.output) if encoded.complete else None
    if arguments.json:
        skipped_files = [skipped.file for skipped in encoded.skipped]
        shape = {"images": encoded.images, "dimensions": encoded.dimensions}
        print_json({"file": file, **shape, "skipped": skipped_files})
    elif file:
        print(f"{file}: {encoded.images:,} images in {encoded.dimensions} dimensions")
    else:
        print(f"{job.parts}: this share is done; the last of the others writes {arguments.output}")
    return 0


def _show(bar: tqdm[None], done: int, of: int) -> None:
    bar.total = of
    bar.update(done)
