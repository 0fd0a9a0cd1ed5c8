"""The cells of a sweep as processes: some at a time, each a `train` of its own, all stopped together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from synvae_core.sweep.grid import Cell
from synvae_core.sweep.plan import FAILURE, LATEST, Plan
from synvae_core.training.checkpoint import write_whole
from synvae_core.training.stopping import stop_signal

POLL = 0.5  # seconds between two looks at the processes
ENDED = 0, 130  # exit statuses of a run that has finished, or was stopped and saved
ERRORS = "errors.txt"
Progress = Callable[[Plan], object]


@dataclass
class _Workers:
    """The processes at work, by their cells."""

    plan: Plan
    threads: int
    running: dict[Cell, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, cell: Cell) -> None:
        folder = self.plan.folder_of(cell)
        with suppress(FileNotFoundError):
            (folder / FAILURE).unlink()
        recipe = folder / "cell.yaml"  # JSON is YAML
        write_whole(recipe, self.plan.recipes[cell].model_dump_json().encode())
        resumed = ["--resume"] if (folder / LATEST).exists() else []
        with (folder / ERRORS).open("wb") as errors:
            self.running[cell] = subprocess.Popen(
                [sys.executable, "-m", "synvae_core", "train", str(recipe), "-o", str(folder), *resumed],
                env={"OMP_NUM_THREADS": str(self.threads)} | os.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,  # Ctrl-C comes to us alone, and we pass it on
                preexec_fn=_die_with_parent,
            )

    def collect(self, expected: tuple[int, ...] = ENDED) -> None:
        for cell, process in list(self.running.items()):
            if process.poll() is not None:
                del self.running[cell]
                if process.returncode not in expected:
                    _record(self.plan.folder_of(cell), process.returncode)

    def stop(self) -> None:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            process.wait()
        self.collect(expected=(*ENDED, -signal.SIGTERM))  # one that had not begun yet has nothing to save


def run(plan: Plan, *, jobs: int = 1, progress: Progress = lambda plan: None) -> bool:
    """Train every cell that is not finished, `jobs` at a time; True unless Ctrl-C stopped it.

    A cell that fails leaves failure.txt in its folder and stops no other; it is tried again the next time.
    """
    plan.begin()
    waiting = [cell for cell in plan.cells if plan.status(cell) != "finished"]
    workers = _Workers(plan, max(1, (os.cpu_count() or 1) // jobs))
    with stop_signal() as stopped:
        try:
            while (waiting or workers.running) and not stopped:
                while waiting and len(workers.running) < jobs:
                    workers.start(waiting.pop(0))
                time.sleep(POLL)
                workers.collect()
                progress(plan)
        finally:
            workers.stop()
            progress(plan)
    return not stopped


def _record(folder: Path, code: int) -> None:
    lines = (folder / ERRORS).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    said = lines[-1] if lines else ""
    ended = f"ended by signal {-code}" if code < 0 else f"exit status {code}"
    write_whole(folder / FAILURE, f"{said or ended}\n".encode())


def _die_with_parent() -> None:
    """A cell does not outlive a sweep that is killed, so that two never write to one folder (Linux)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
