"""Encode a data set: where each image lies in the VisVAE's latent space, as an npz for sampling."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from synvae_core.cli.output import print_json, progress_bar

EXAMPLES = """  python -m synvae_core encode mnist --split test -o latents.npz
  python -m synvae_core encode folder:my/pictures -o latents.npz
  python -m sampling plan latents.npz --seed 7 -o plan.json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The images, the model and the file."""
    parser.add_argument("data", help="mnist, or folder:PATH with class/image.* or images and a labels.csv")
    parser.add_argument("--split", help="train, validation or test (default: mnist's test, all of a folder)")
    parser.add_argument("--model", default="mnist", help="a shipped name, a SynVAE's folder or a shared file")
    parser.add_argument("-o", "--output", type=Path, default=Path("latents.npz"), help="the npz to write")


def run(arguments: argparse.Namespace) -> int:
    """Loads, encodes and writes; files that could not be read are named on stderr."""
    from synvae_core import data
    from synvae_core.translator import Translator

    translator = Translator.load(arguments.model)
    images = data.load(arguments.data, arguments.split, shape=translator.image_shape)
    for skipped in images.skipped:
        print(f"left out {skipped}", file=sys.stderr)
    with progress_bar(len(images), "images") as bar:
        latents = translator.encode(images, progress=bar.update)
    latents.save(arguments.output)
    if arguments.json:
        shape = {"images": len(latents), "dimensions": latents.z.shape[1]}
        print_json({"file": str(arguments.output), **shape, "skipped": [s.file for s in images.skipped]})
    else:
        print(f"{arguments.output}: {len(latents):,} images in {latents.z.shape[1]} dimensions")
    return 0
