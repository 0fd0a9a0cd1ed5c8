"""A real server, killed with -9 while volunteers answer on bad lines: `benchmarks.kill` in small."""

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
    counted = ("killed", "finished", "acknowledged", "stored", "lost", "changed", "doubled")
    assert [report[name] for name in counted] == [2, 6, 18, 18, 0, 0, 0]
