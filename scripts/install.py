"""Makes .venv and installs requirements.txt or requirements-dev.txt, once for each content of those files.

Runs under the system's Python (3.11 or later) with the standard library alone:

    python3 scripts/install.py run
    python3 scripts/install.py dev
"""

import hashlib
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
REQUIREMENTS = {"run": ["requirements.txt"], "dev": ["requirements.txt", "requirements-dev.txt"]}


class SetupError(Exception):
    """The environment cannot be made; the message says what to do."""


def fingerprint(kind: str) -> str:
    """SHA-256 over the Python version and the requirement files of `kind`."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in REQUIREMENTS[kind]:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_installed(kind: str) -> bool:
    """True when `kind`, or `dev` which contains it, was installed from the files as they are now."""
    return any(
        stamp.is_file() and stamp.read_text() == fingerprint(name)
        for name, stamp in ((name, stamp_of(name)) for name in {kind, "dev"})
    )


def stamp_of(kind: str) -> Path:
    return VENV / f"earsight-{kind}.stamp"


def make_venv() -> None:
    if (VENV / "bin" / "python").exists():
        return
    try:
        import ensurepip  # noqa: F401  Debian splits it off into python3-venv
    except ImportError:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        run(["bash", str(ROOT / "scripts" / "system_packages.sh"), package])
    run([sys.executable, "-m", "venv", str(VENV)])


def install(kind: str) -> None:
    print(f"Installing {REQUIREMENTS[kind][-1]} into .venv (a few minutes the first time)", flush=True)
    for name in REQUIREMENTS:
        stamp_of(name).unlink(missing_ok=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "-r", str(ROOT / REQUIREMENTS[kind][-1])])
    temporary = stamp_of(kind).with_suffix(".tmp")
    temporary.write_text(fingerprint(kind))
    os.replace(temporary, stamp_of(kind))


def run(command: list[str]) -> None:
    if subprocess.run(command, cwd=ROOT).returncode:
        raise SetupError(f"This step failed, see above: {' '.join(command)}")


def main(kind: str) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  this script may be started by an older Python
        raise SetupError(f"Earsight needs Python 3.11 or later; this is {platform.python_version()}.")
    if kind not in REQUIREMENTS:
        raise SetupError("Say what to install: run or dev.")
    if not is_installed(kind):
        make_venv()
        install(kind)


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "run")
    except SetupError as error:
        sys.exit(str(error))
