"""The launcher's processes: started again when they die, ended with their children, never left behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.services import MAX_QUICK_DEATHS, Service, ServiceError, stop_all
from tests.house.processes import is_alive

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def restart_each_time(service: Service, deaths: int) -> None:
    for _ in range(deaths):
        wait_for(lambda: not service.is_running())
        service.restart_if_dead()


def test_a_service_that_dies_is_started_again() -> None:
    service = Service("sleeper", SLEEPER)
    service.start()
    assert service.process is not None
    first = service.process
    first.kill()
    first.wait()
    service.restart_if_dead()
    try:
        assert service.is_running()
        assert service.process is not first
    finally:
        stop_all([service])


def test_what_outlived_its_service_is_ended_before_the_next_one_starts(tmp_path: Path) -> None:
    pid_file = tmp_path / "child"
    service = Service("site", ["bash", "-c", f"sleep 60 & echo $! > {pid_file}; wait"])
    service.start()
    wait_for(lambda: pid_file.exists() and pid_file.read_text().strip() != "")
    child = int(pid_file.read_text())
    assert service.process is not None
    service.process.kill()
    service.process.wait()
    assert is_alive(child)
    service.restart_if_dead()
    try:
        wait_for(lambda: not is_alive(child))
        assert service.is_running()
    finally:
        stop_all([service])


def test_a_service_that_cannot_start_is_given_up_with_its_name() -> None:
    service = Service("worker", [sys.executable, "-c", "raise SystemExit(3)"])
    service.start()
    with pytest.raises(ServiceError, match=r"The worker does not stay up \(exit 3\)"):
        restart_each_time(service, MAX_QUICK_DEATHS)


def test_stopping_ends_every_service() -> None:
    services = [Service("one", SLEEPER), Service("two", SLEEPER)]
    for service in services:
        service.start()
    stop_all(services)
    assert [service.is_running() for service in services] == [False, False]


def test_a_service_deaf_to_the_request_is_killed_with_its_children(tmp_path: Path) -> None:
    pid_file = tmp_path / "child"
    service = Service(
        "deaf", ["bash", "-c", f"trap '' TERM; sleep 60 & echo $! > {pid_file}; wait; sleep 60"]
    )
    service.start()
    wait_for(lambda: pid_file.exists() and pid_file.read_text().strip() != "")
    stop_all([service], grace=0.2)
    assert not service.is_running()
    wait_for(lambda: not is_alive(int(pid_file.read_text())))


def test_services_end_when_their_parent_is_killed(repository: Path) -> None:
    program = (
        "from scripts.services import Service; import time\n"
        f"service = Service('sleeper', {SLEEPER!r}); service.start()\n"
        "print(service.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=repository,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(repository)},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_for(lambda: not is_alive(child))
