"""Volunteers' requests take turns within a process.

Python runs one thread at a time anyway. Threads that interrupt each other between two queries make every one
of them late, and their changing of places costs a twentieth more. Threads still read requests from slow lines
and send responses over them, all at once; only the work between is done one after the other.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
VOLUNTEERS = ("/s/", "/api/v1/sessions/")
LARGEST = 100_000  # bytes; whoever sends more waits for nobody


def in_turns(application: Application) -> Application:
    """Return the application in turns on SQLite; while one waits for another database, others work."""
    from django.db import connection

    return Turns(application) if connection.vendor == "sqlite" else application


class Turns:
    """A WSGI application that lets another do volunteers' requests one by one, and all others at once."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._turn = threading.Lock()

    def __call__(self, environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if not (environment["PATH_INFO"].startswith(VOLUNTEERS) and _is_read(environment)):
            return self._application(environment, start)
        with self._turn:
            return self._application(environment, start)


def _is_read(environment: dict[str, Any]) -> bool:
    """Take what is sent from the line, so that no slow line holds a turn; False where it is too long."""
    length = environment.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST:
        return False
    environment["wsgi.input"] = io.BytesIO(environment["wsgi.input"].read(int(length)))
    return True
