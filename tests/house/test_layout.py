"""The names at the top of the repository, and the links between its pages."""

import re
import subprocess
from pathlib import Path

import pytest

FILES = [
    "manage.py",
    "requirements.txt",
    "pyproject.toml",
    "Makefile",
    "README.md",
    "CONTRIBUTING.md",
    ".env.example",
    ".ci/run",
    "requirements-dev.txt",
    "LICENSE",
]
FOLDERS = ["analysis", "sampling", "synvae_core", "study", "templates", "tests", "docs"]


def tracked(repository: Path, pattern: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", pattern], cwd=repository, capture_output=True, text=True, check=True
    )
    return [repository / line for line in listing.stdout.splitlines()]


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_there(repository: Path, name: str) -> None:
    assert (repository / name).is_file()


@pytest.mark.parametrize("name", FOLDERS)
def test_the_folder_is_there(repository: Path, name: str) -> None:
    assert (repository / name).is_dir()


def test_the_build_server_runs_what_developers_run(repository: Path) -> None:
    script = repository / ".ci" / "run"
    assert script.read_text().splitlines()[-1] == "make test"
    assert script.stat().st_mode & 0o111


def test_links_between_pages_lead_somewhere(repository: Path) -> None:
    broken = [
        f"{page.relative_to(repository)}: {target}"
        for page in tracked(repository, "*.md")
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


def test_nothing_that_the_product_makes_is_tracked(repository: Path) -> None:
    made = [
        path for path in tracked(repository, "*") if path.relative_to(repository).parts[0] in {"var", ".venv"}
    ]
    assert made == []
