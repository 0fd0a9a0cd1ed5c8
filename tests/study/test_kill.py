"""A real server, killed with -9 while volunteers answer on bad lines; see benchmarks/kill.py for the whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_no_acknowledged_answer_is_lost_or_doubled_by_kill_9(repository: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.kill", "--volunteers", "6", "--trials", "3", "--kills", "2"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    assert report["killed"] == 2
    told = {
        name: report[name] for name in ("finished", "acknowledged", "stored", "lost", "changed", "doubled")
    }
    assert told == {
        "finished": 6, "acknowledged": 18, "stored": 18, "lost": 0, "changed": 0, "doubled": 0,
    }  # fmt: skip
