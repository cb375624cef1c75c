"""Asking the service's database on a new connection, since the one in use may be dead."""

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
"""Seconds before the second attempt; each one after it waits twice as long. A server that lost a
process by force takes that long to come back."""
PATIENCE = "30s"
"""How long a lock is waited for on PostgreSQL."""


def ask_anew(question: Callable[[], T], *, using: str = "default") -> T | None:
    """The answer to a question that is asked on a new connection; None if it cannot be asked.

    The caller's connection, and its transaction, are left as they are.
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
                refuse_unmigrated(connection)  # opens no SQLite file that is gone
                if connection.vendor == "postgresql":
                    with connection.cursor() as cursor:
                        cursor.execute(f"SET lock_timeout = '{PATIENCE}'")
                return question()
            except (OperationalError, InterfaceError):
                connection.close()
                if connection.vendor == "sqlite":
                    return None  # it has waited for its turn already
            except (DatabaseError, RestoreLogError):
                return None
        return None
    finally:
        connection.close()
