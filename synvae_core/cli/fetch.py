"""Fetch a data set into the data folder (EARSIGHT_DATA, default var/data); safe to repeat."""

from __future__ import annotations

import argparse

from synvae_core.cli.output import print_json

EXAMPLES = """  python -m synvae_core fetch mnist
  python -m synvae_core fetch cifar10"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The data set's name."""
    parser.add_argument("data", nargs="?", default="mnist", help="mnist (the default) or cifar10")


def run(arguments: argparse.Namespace) -> int:
    """Fetches what is missing and says where it lies."""
    from synvae_core import data

    folder = data.fetch(arguments.data)
    if arguments.json:
        print_json({"data": arguments.data, "folder": str(folder)})
    else:
        print(f"{arguments.data} is in {folder}.")
    return 0
