"""Runs every check that needs no test: each one's output appears only when it fails.

All of them run even when an early one fails, so that one run names everything there is to mend.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"


def templates() -> list[str]:
    """Every template, as paths from the repository's root."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))


def checks() -> dict[str, list[str]]:
    """Name of each check -> its command."""
    manage = [str(BIN / "python"), "manage.py"]
    return {
        "ruff check": [str(BIN / "ruff"), "check", "."],
        "ruff format": [str(BIN / "ruff"), "format", "--check", "."],
        "import contracts": [str(BIN / "lint-imports")],
        "catalogs": [str(BIN / "python"), "-m", "scripts.messages", "--check"],
        "templates": [str(BIN / "djade"), "--check", "--target-version", "5.2", *templates()],
        "system checks": [*manage, "check", "--fail-level", "WARNING"],
        "migrations": [*manage, "makemigrations", "--check", "--dry-run"],
        "API schema": [*manage, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull],
        "types": [str(BIN / "mypy")],
    }


def passes(name: str, command: list[str]) -> bool:
    started = time.monotonic()
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    verdict = "ok" if result.returncode == 0 else "FAILED"
    print(f"{name:18} {verdict:6} {time.monotonic() - started:5.1f} s", flush=True)
    if result.returncode:
        print(result.stdout, flush=True)
    return result.returncode == 0


def main() -> int:
    failed = [name for name, command in checks().items() if not passes(name, command)]
    if failed:
        print("Failed: " + ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
