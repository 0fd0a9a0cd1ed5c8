"""Volunteers' requests take turns within a process: one thread does them all.

Python runs one thread at a time anyway. Threads that interrupt each other between two queries make every one
of them late, and on SQLite each thread has a connection of its own, whose memory of the file is void whenever
another one writes. The server's threads still read requests from slow lines and send responses over them, all
at once; only the work between is done one after the other.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
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
        self._turns = ThreadPoolExecutor(1, "turns")  # its thread begins with the first request

    def __call__(self, environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if environment["PATH_INFO"].startswith(VOLUNTEERS) and _is_read(environment):
            return self._turns.submit(self._whole, environment, start).result()
        return self._application(environment, start)

    def _whole(self, environment: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Return a response that has ended, as its thread's connection must hear; a stream as it is."""
        response = self._application(environment, start)
        if getattr(response, "streaming", False):
            return response
        try:
            return [b"".join(response)]
        finally:
            getattr(response, "close", lambda: None)()


def _is_read(environment: dict[str, Any]) -> bool:
    """Take what is sent from the line, so that no slow line holds a turn; False where it is too long."""
    length = environment.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LARGEST:
        return False
    environment["wsgi.input"] = io.BytesIO(environment["wsgi.input"].read(int(length)))
    return True
