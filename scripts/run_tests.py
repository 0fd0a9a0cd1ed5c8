"""Runs all tests: those that drive a browser beside the others, each in a process of its own.

A browser waits more than it computes, so two processors do both in little more than the time of one. What
the browser's tests say is kept back until the others have ended.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = [sys.executable, "-m", "pytest"]


def main() -> int:
    """0 if every test passed."""
    threads = os.environ | {"OMP_NUM_THREADS": "1"}  # two processes share the processors
    with tempfile.TemporaryFile() as said:
        browser = subprocess.Popen(
            [*PYTEST, "-m", "e2e"], cwd=ROOT, env=threads, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            others = subprocess.run([*PYTEST, "-m", "not e2e"], cwd=ROOT, env=threads, check=False).returncode
            in_browser = browser.wait()
        finally:
            browser.kill()
        said.seek(0)
        print("\nIn a real browser:", flush=True)
        sys.stdout.buffer.write(said.read())
        sys.stdout.flush()
    return 0 if others == in_browser == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
