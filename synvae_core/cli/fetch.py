"""Fetch a data set into the data folder (EARSIGHT_DATA, default var/data); safe to stop and to repeat."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from synvae_core.cli.output import print_json, progress_bar

EXAMPLES = """  python -m synvae_core fetch mnist
  python -m synvae_core fetch cifar10
  python -m synvae_core fetch bam:bam.sqlite -o var/data/bam
  python -m synvae_core fetch bam:bam.sqlite -o var/data/bam --settings my-bam.yaml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The data set's name, and for BAM where to put it and how."""
    parser.add_argument(
        "data",
        nargs="?",
        default="mnist",
        help="mnist (the default, 11 MB), cifar10 (139 MB), or bam:FILE, the released SQLite",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="where the images of BAM are put")
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="a YAML file: which images and labels of BAM, how politely (default: bam.yaml in the folder)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Fetches what is missing and says where it lies."""
    from synvae_core import data

    if arguments.data.startswith("bam:"):
        return _fetch_bam(arguments)
    if arguments.output or arguments.settings:
        raise data.DataError("-o and --settings belong to bam:FILE; other data sets go into EARSIGHT_DATA.")
    folder = data.fetch(arguments.data)
    if arguments.json:
        print_json({"data": arguments.data, "folder": str(folder)})
    else:
        print(f"{arguments.data} is in {folder}.")
    return 0


def _fetch_bam(arguments: argparse.Namespace) -> int:
    from synvae_core import data
    from synvae_core.data.bam_download import FAILURES, download
    from synvae_core.data.bam_settings import SETTINGS_FILE, BamSettings, read_settings

    if arguments.output is None:
        raise data.DataError("Say with -o FOLDER where the images of BAM shall go.")
    told = arguments.settings or arguments.output / SETTINGS_FILE
    settings = read_settings(told) if arguments.settings or told.is_file() else BamSettings()
    database = Path(arguments.data.removeprefix("bam:")).expanduser()
    with progress_bar(0, "image") as bar:

        def show(done: int, every: int) -> None:
            bar.total = every
            bar.update(done - bar.n)

        done = download(database, arguments.output, settings, progress=show)
    if arguments.json:
        print_json({"data": arguments.data, **asdict(done), "folder": str(done.folder)})
    else:
        print(f"{done.there:,} images are in {done.folder}; load them as bam:{done.folder}.")
        if done.gone or done.left:
            print(
                f"{done.gone:,} are gone for good, {done.left:,} failed and are asked for again when you "
                f"repeat this: see {done.folder / FAILURES}."
            )
    return 0
