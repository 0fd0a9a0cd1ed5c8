"""Processes that run beside each other for as long as their parent does, and end with it."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GRACE = 10.0  # seconds a service gets to end by itself
QUICK = 30.0  # seconds; a service that lived less died at its start
MAX_QUICK_DEATHS = 5  # in a row, before we stop trying
PR_SET_PDEATHSIG = 1  # prctl(2)


class ServiceError(Exception):
    """A service cannot be kept running; the message says where to look."""


@dataclass
class Service:
    """One process that is started again when it dies."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = 0

    def start(self) -> None:
        # In a session of its own: the terminal's Ctrl-C reaches only the parent, which ends all in order.
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, start_new_session=True, preexec_fn=_end_with_parent
        )
        self.started = time.monotonic()

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def restart_if_dead(self) -> None:
        """Starts a dead service again; raises ServiceError when it died at its start five times in a row."""
        if self.process is None or self.is_running():
            return
        code = self.process.returncode
        lived = time.monotonic() - self.started
        self.quick_deaths = self.quick_deaths + 1 if lived < QUICK else 1
        if self.quick_deaths >= MAX_QUICK_DEATHS:
            raise ServiceError(f"The {self.name} does not stay up (exit {code}): its lines above say why.")
        print(f"The {self.name} died (exit {code}); starting it again.", flush=True)
        self.end()  # its children may have outlived it
        self.start()

    def ask_to_end(self) -> None:
        if self.process is not None and self.is_running():
            self.process.terminate()

    def end(self) -> None:
        """Kills whatever is left of it, its children included."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def stop_all(services: Sequence[Service], grace: float = GRACE) -> None:
    """Asks all to end, waits `grace` seconds, kills what is left, children included."""
    for service in services:
        service.ask_to_end()
    deadline = time.monotonic() + grace
    while any(service.is_running() for service in services) and time.monotonic() < deadline:
        time.sleep(0.05)
    for service in services:
        service.end()


def _end_with_parent() -> None:
    """Linux sends the service SIGTERM when the parent dies, even by kill -9."""
    with contextlib.suppress(OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
