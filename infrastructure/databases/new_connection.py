"""Queries on a new connection to the service's database, since the one in use may be dead."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connections

from domain.errors import RestoreLogError
from infrastructure.databases.own_database import refuse_unmigrated

T = TypeVar("T")

ATTEMPTS = 4
PAUSE = 0.5
"""Seconds before the second attempt; each later one waits twice as long. A server whose process was
killed needs that long to recover."""
PATIENCE = "30s"
"""How long to wait for a lock on PostgreSQL."""


def ask_anew(question: Callable[[], T], *, using: str = "default") -> T | None:
    """The result of a query on a new connection; None if it cannot be run.

    The caller's connection and its transaction are not touched.
    """
    with ThreadPoolExecutor(1) as other:
        return other.submit(_asked, question, using).result()


def _asked(question: Callable[[], T], using: str) -> T | None:
    connection = connections[using]
    try:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE * 2 ** (attempt - 1))
            try:
                refuse_unmigrated(connection)  # does not create a missing SQLite file
                if connection.vendor == "postgresql":
                    with connection.cursor() as cursor:
                        cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
                return question()
            except (OperationalError, InterfaceError):
                connection.close()
                if connection.vendor == "sqlite":
                    return None  # it has already waited for the lock
            except (DatabaseError, RestoreLogError):
                return None
        return None
    finally:
        connection.close()
