"""Every command that a page shows exists, with the options it is shown with."""

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TARGETS = {"setup", "run", "worker", "test", "check", "e2e", "train", "help"}


def shown_commands() -> list[str]:
    """The lines of all code blocks marked `sh`, continued lines joined, prompts and comments dropped."""
    blocks = [
        block
        for page in PAGES
        for block in re.findall(r"^```sh\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    ]
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return sorted({line.split("  #")[0].strip() for line in lines if line and not line.startswith("#")})


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def python_commands() -> list[str]:
    return [
        line for line in shown_commands() if re.search(r"-m (synvae_core|sampling|analysis)|manage\.py", line)
    ]


@cache
def help_of(command: tuple[str, ...]) -> str:
    """The help text of a command; fails when there is no such command."""
    result = subprocess.run(
        [sys.executable, *command, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def program(words: list[str]) -> tuple[str, ...]:
    """The part of a command line that names the program: `-m synvae_core train`, `manage.py rehearse`."""
    start = words.index("-m") if "-m" in words else next(i for i, w in enumerate(words) if w == "manage.py")
    length = 3 if words[start] == "-m" else 2
    return tuple(word for word in words[start : start + length] if not word.startswith("--"))


def test_the_makefile_has_the_promised_targets() -> None:
    assert make_targets() >= TARGETS


def test_help_lists_every_target() -> None:
    listing = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {name for name in make_targets() if f"make {name} " not in listing} == set()


def test_every_make_command_shown_exists() -> None:
    shown = {word for line in shown_commands() for word in re.findall(r"^make ([a-z0-9-]+)", line)}
    assert shown
    assert shown - make_targets() == set()


@pytest.mark.parametrize("line", python_commands())
def test_a_command_shown_in_the_pages_parses(line: str) -> None:
    words = shlex.split(line)
    known = help_of(program(words))
    options = [
        word.split("=")[0] for word in words if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word) and word != "-m"
    ]
    assert [option for option in options if not re.search(rf"{option}\b", known)] == []
