"""Export a whole SynVAE as one file to share: visual nets, music model, configuration and a digest."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from synvae_core.cli.output import print_json

EXAMPLES = """  python -m synvae_core export mnist -o digits.earsight
  python -m synvae_core export var/models/mine -o mine.safetensors --half
  python -m synvae_core translate picture.png --model digits.earsight"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The model and the file."""
    parser.add_argument("model", help="a shipped model's name or a SynVAE's folder")
    parser.add_argument("-o", "--output", type=Path, help="the file to write (default: NAME.earsight)")
    parser.add_argument(
        "--half", action="store_true", help="store weights as float16: half the size, rarely another note"
    )


def run(arguments: argparse.Namespace) -> int:
    """Writes the file and says what is in it."""
    from synvae_core.sharing import export_pair

    file = arguments.output or Path(f"{Path(arguments.model).name}.earsight")
    exported = export_pair(arguments.model, file, halve=arguments.half)
    config = exported.config
    if arguments.half and exported.was_half:
        print("The weights were float16 already: --half changes nothing.", file=sys.stderr)
    if arguments.json:
        print_json({"file": str(file), "bytes": file.stat().st_size, "model": config.model_dump(mode="json")})
    else:
        parts = "SynVAE, music model" + (
            ", VisVAE" if config.visvae else "; its images lie where it puts them"
        )
        print(f"{file}: {parts}; {file.stat().st_size / 1e6:.1f} MB, trained on {config.synvae.data}")
    return 0
