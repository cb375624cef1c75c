"""Waits for another connection's lock without holding this connection's mutex.

SQLite's own wait, the busy time-out, holds it. If the thread that has the write lock then collects
garbage, and frees a cursor of the waiting connection, each waits for the other until the time-out.
So the connections have no busy time-out, and a statement that finds the database locked is tried
again.
"""

import random
import sqlite3
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

from django.db.backends.sqlite3 import base

PATIENCE = 60.0
"""Seconds until it is an error that another connection has the lock."""
LONGEST_PAUSE = 0.025
"""Seconds between two attempts, at most."""


class PatientCursor(base.SQLiteCursorWrapper):
    """A cursor of Django's that waits up to `patience` seconds for a lock.

    In a transaction there is nothing to wait for: it has the write lock from its beginning.
    """

    patience = PATIENCE

    def execute(self, query: str, params: Any = None) -> Any:
        return self._patiently(super().execute, query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        return self._patiently(super().executemany, query, param_list)

    def _patiently(self, run: Callable[..., Any], *args: Any) -> Any:
        until, pause = monotonic() + self.patience, 0.001
        while True:
            try:
                return run(*args)
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or self.connection.in_transaction or monotonic() >= until:
                    raise
            sleep(random.uniform(0, pause))
            pause = min(2 * pause, LONGEST_PAUSE)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, whose cursors wait `patience` seconds."""

    patience = PATIENCE

    def create_cursor(self, name: str | None = None) -> PatientCursor:
        cursor: PatientCursor = self.connection.cursor(factory=PatientCursor)
        cursor.patience = self.patience
        return cursor
