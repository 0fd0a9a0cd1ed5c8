"""Trains the shipped models again, one after another, into var/runs; goes on where a run was stopped.

`synvae-mnist` plays through the music model that its recipe names, which is the shipped one.
"""

import sys
from pathlib import Path

from synvae_core.cli import main as synvae_core

RUNS = Path("var/runs")
RECIPES = ("classifier-mnist", "visvae-mnist", "musicvae", "synvae-mnist")


def commands() -> list[list[str]]:
    """The command lines of `python -m synvae_core`, in their order."""
    lines = [["fetch", "mnist"], ["corpus"]]
    for recipe in RECIPES:
        begun = (RUNS / recipe / "latest.safetensors").exists()
        lines.append(["train", recipe, "-o", str(RUNS / recipe), *(["--resume"] if begun else [])])
    return lines


def main() -> int:
    """Exit status of the first command that did not reach its end, or 0."""
    for line in commands():
        print("python -m synvae_core " + " ".join(line), flush=True)
        status = synvae_core(line)
        if status:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
