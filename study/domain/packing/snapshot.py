"""One moment of the database: what is read inside never changes, and nobody's answer waits for it.

SQLite opens our transactions with the write lock, which would keep volunteers waiting as long as we read. So
a connection of its own reads, in a transaction that only begins to read; the thread's usual one stays free
for the job's progress. PostgreSQL reads at REPEATABLE READ.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from study.models import Study


@dataclass(frozen=True)
class Snapshot:
    """The moment that is read; `aside` is the way to the present."""

    cut_at: datetime.datetime
    usual: BaseDatabaseWrapper

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Read and write in the present, such as the progress of the job."""
        reading = connections[DEFAULT_DB_ALIAS]
        connections[DEFAULT_DB_ALIAS] = self.usual
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS] = reading


@contextmanager
def snapshot() -> Iterator[Snapshot]:
    """Let every query inside see the database as it is now; within a transaction, that is the one it sees."""
    usual = connections[DEFAULT_DB_ALIAS]
    if usual.in_atomic_block:
        yield Snapshot(timezone.now(), usual)
        return
    reading = connections.create_connection(DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = reading
    try:
        reading.ensure_connection()
        if reading.vendor == "sqlite":
            reading.transaction_mode = "DEFERRED"  # type: ignore[attr-defined]
        with transaction.atomic():
            if reading.vendor == "postgresql":
                with reading.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            Study.objects.exists()  # the first read fixes the moment
            yield Snapshot(timezone.now(), usual)
    finally:
        connections[DEFAULT_DB_ALIAS] = usual
        reading.close()
