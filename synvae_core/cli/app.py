"""One parser, one place where errors become sentences and exit codes."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence

from synvae_core.cli import corpus, encode, evaluate, export, fetch, import_, sweep, train, translate
from synvae_core.errors import SynvaeError

COMMANDS = (fetch, corpus, train, sweep, evaluate, encode, translate, import_, export)
FAILED = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns 0, 2 after a one-sentence error, or 130 after Ctrl-C."""
    # pydub, which note_seq imports, looks for a program that we never use.
    warnings.filterwarnings("ignore", "Couldn't find ffmpeg or avconv", RuntimeWarning)
    chosen = parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except SynvaeError as error:
        # Some errors quote a library's, which may run over many lines.
        print(f"{chosen.prog}: {' '.join(str(error).split())}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:  # the reader, as in `| head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"{chosen.prog}: {where}{error.strerror}; check folder and disk, then repeat.", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(f"\n{chosen.prog}: stopped.", file=sys.stderr)
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """The whole command line; commands import what is slow only when they run."""
    root = argparse.ArgumentParser(
        prog="python -m synvae_core",
        description="Turn pictures into music with a SynVAE: data, corpus, training, metrics, translation.",
    )
    subparsers = root.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for command in COMMANDS:
        name = command.__name__.rpartition(".")[2].rstrip("_")
        summary = (command.__doc__ or "").partition("\n")[0].rstrip(".")
        subparser = subparsers.add_parser(
            name,
            help=summary[:1].lower() + summary[1:],
            description=command.__doc__,
            epilog=f"examples:\n{command.EXAMPLES}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(subparser)
        subparser.add_argument("--json", action="store_true", help="print one JSON object for machines")
        subparser.set_defaults(run=command.run, prog=subparser.prog)
    return root
