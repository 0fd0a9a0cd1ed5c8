"""The launcher as `make run` starts it, without the demonstration: it serves, it stops, it leaves nothing."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from scripts.serve import ServeError, address
from scripts.services import GRACE
from tests.house.processes import is_alive


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def launch(repository: Path, var: Path, **variables: str) -> subprocess.Popen[str]:
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("EARSIGHT_", "DJANGO_"))
    }
    return subprocess.Popen(
        [sys.executable, "-m", "scripts.serve"],
        cwd=repository,
        env=environment | {"EARSIGHT_VAR": str(var), "DEMO": "0", "PYTHONUNBUFFERED": "1", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def lines_until(process: subprocess.Popen[str], words: str) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError("".join(lines))


def children(pid: int) -> set[int]:
    """The process's children and theirs."""
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listing.splitlines()]
    found: set[int] = set()
    frontier = {pid}
    while frontier:
        frontier = {child for child, parent in pairs if parent in frontier}
        found |= frontier
    return found


@pytest.fixture
def served(repository: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    process = launch(repository, tmp_path, PORT=str(port))
    try:
        yield process, port
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_the_launcher_serves_and_stops_cleanly(served: tuple[subprocess.Popen[str], int]) -> None:
    process, port = served
    lines_until(process, f"Earsight is up: http://localhost:{port}/")
    with urllib.request.urlopen(f"http://localhost:{port}/") as answer:
        assert answer.status == 200
    started = children(process.pid)
    assert len(started) >= 4  # the server and its two workers, celery and its own
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=30)
    assert rest.splitlines()[-1] == "Stopped."
    assert process.returncode == 0
    assert time.monotonic() - begun < GRACE + 10
    assert {pid for pid in started if is_alive(pid)} == set()


def test_a_port_in_use_is_named_with_the_way_out(repository: Path, tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        output, _ = launch(repository, tmp_path, PORT=port).communicate(timeout=30)
    assert output == (
        f"Cannot listen on 127.0.0.1:{port} (Address already in use): "
        "choose another, as in make run PORT=8001\n"
    )


def test_a_host_may_be_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("PORT", str(port))
    for host, number in {"localhost": "127.0.0.1", "0.0.0.0": "0.0.0.0"}.items():
        monkeypatch.setenv("HOST", host)
        assert address() == (number, port)


def test_a_host_that_is_nowhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "no such host")
    with pytest.raises(
        ServeError, match=r"HOST names no address: 'no such host' \(.*\)\. As in make run HOST"
    ):
        address()


def test_a_port_that_is_no_number_is_refused(repository: Path, tmp_path: Path) -> None:
    output, _ = launch(repository, tmp_path, PORT="http").communicate(timeout=30)
    assert output == "PORT must be a number from 1 to 65535, not 'http': make run PORT=8001\n"


def test_a_wrong_setting_is_named_before_anything_starts(repository: Path, tmp_path: Path) -> None:
    process = launch(repository, tmp_path, PORT=str(free_port()), EARSIGHT_SOUNDFONT="/nowhere.sf2")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "EARSIGHT_SOUNDFONT names /nowhere.sf2, which is not a file." in output
    assert "HINT: Give the path of an .sf2 file" in output
    assert "Traceback" not in output
