"""A site to measure: a folder of its own, an empty database, a study of noise and tones, a real server.

Import it before anything of Django: it decides by the environment where the product keeps what it makes.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.serve import services
from scripts.services import Service

if TYPE_CHECKING:
    from study.models import Study

HOST = "127.0.0.1"
UNLIMITED = "1000000/sec"
LONGEST_START = 120.0  # seconds


class SiteNotUp(Exception):
    """The server does not answer."""


@dataclass
class Site:
    """A server as `make run` starts it, with this many workers."""

    workers: int = 2
    port: int = field(default_factory=lambda: free_port())
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        as_served = services(HOST, self.port)[0].command
        self.service = Service("site", [*as_served, "--workers", str(self.workers)])

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            SiteNotUp: when it does not.
        """
        self.service.start()
        give_up = time.monotonic() + LONGEST_START
        while not self._answers():
            if time.monotonic() > give_up:
                raise SiteNotUp
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill -9 the server and all its workers."""
        self.service.end()

    def cpu_seconds(self) -> float:
        """Return the processor seconds that the server and its workers have used since they were started."""
        assert self.service.process is not None
        return sum(_cpu_seconds(pid) for pid in _family(self.service.process.pid))

    def _answers(self) -> bool:
        """Return whether it listens: an answer may take long, when hundreds of others wait for theirs."""
        try:
            with socket.create_connection((HOST, self.port), timeout=10):
                return True
        except OSError:
            return False


@contextmanager
def prepared(database: str = "") -> Iterator[Path]:
    """Set Django up in a temporary folder, with SQLite or this database, migrated; yield the folder."""
    with tempfile.TemporaryDirectory(prefix="earsight-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "study.settings",
            "EARSIGHT_VAR": folder,
            "DATABASE_URL": database or f"sqlite:///{folder}/earsight.sqlite3",
            "EARSIGHT_START_RATE": UNLIMITED,
            "EARSIGHT_ANSWER_RATE": UNLIMITED,
            "EARSIGHT_LOG_LEVEL": "ERROR",
            "PYTHONWARNINGS": "ignore",
        }
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        yield Path(folder)


def draft(**configuration: Any) -> Study:
    """Return a study with pictures of noise and tones for music, built but not published."""
    from django.contrib.auth.models import User

    from study.domain import studies
    from tests.world import give_stimuli

    owner, _ = User.objects.get_or_create(username="measurer")
    # Peers are measured without media; what a study may ask beyond the common road is asked for by name.
    plain = {"title": "Measured", "consent_text": "I agree.", "minimum_listens": 0, "rest_half_way": False,
             "organiser": "The Listening Lab", "contact": "lab@example.org"}  # fmt: skip
    study = studies.create(by=owner, configuration=plain | configuration)
    give_stimuli(study, owner)
    return study


def published(**configuration: Any) -> Study:
    """Return a study that volunteers can take."""
    from study.domain import studies

    study = draft(**configuration)
    return studies.publish(study, by=study.owner)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [pid, *(grandchild for child in children for grandchild in _family(int(child)))]


def _cpu_seconds(pid: int) -> float:
    """Return what a process has used itself, and what those of its children used that have ended."""
    numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(number) for number in numbers[11:15]) / os.sysconf("SC_CLK_TCK")
