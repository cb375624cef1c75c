"""Waits for another connection's lock without holding this connection's mutex.

SQLite's own wait, the busy time-out, holds it. If the thread that has the write lock then collects
garbage, and frees a cursor of the waiting connection, each waits for the other until the time-out.
So the connections have no busy time-out, and a statement that finds the database locked is tried
again. That holds for Django's cursors and for the driver's own.
"""

import os
import random
import sqlite3
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

from django.db.backends.sqlite3 import base

from infrastructure.databases.sqlite3.errors import sqlite_code

PATIENCE = 60.0
"""Seconds until it is an error that another connection has the lock."""
LONGEST_PAUSE = 0.025
"""Seconds between two attempts, at most."""

FileIdentity = tuple[int, int]
"""The device and the number of a file."""


def _patiently(connection: Any, run: Callable[..., Any], *args: Any) -> Any:
    """Run a statement, again and again for `patience` seconds while the database is locked.

    In a transaction there is nothing to wait for: it has the write lock from its beginning.
    """
    try:
        return run(*args)
    except sqlite3.OperationalError as error:
        if not _may_wait(connection, error):
            raise
    until, pause = monotonic() + connection.patience, 0.001
    while True:
        sleep(random.uniform(0, pause))
        pause = min(2 * pause, LONGEST_PAUSE)
        try:
            return run(*args)
        except sqlite3.OperationalError as error:
            if not _may_wait(connection, error) or monotonic() >= until:
                raise


def _may_wait(connection: Any, error: sqlite3.OperationalError) -> bool:
    busy = sqlite_code(error) == sqlite3.SQLITE_BUSY
    return busy and connection.patience > 0 and not connection.in_transaction


def _file_at(path: Any) -> FileIdentity | None:
    """Which file it is; None if there is none, as of a database in memory."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


class PatientCursor(base.SQLiteCursorWrapper):
    """Django's, which waits up to its connection's `patience`."""

    def execute(self, query: str, params: Any = None) -> Any:
        return _patiently(self.connection, super().execute, query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        return _patiently(self.connection, super().executemany, query, param_list)


class PatientConnection(sqlite3.Connection):
    """The driver's, whose own statements wait `patience` seconds."""

    patience = PATIENCE

    def execute(self, *args: Any) -> Any:
        return _patiently(self, super().execute, *args)

    def executemany(self, *args: Any) -> Any:
        return _patiently(self, super().executemany, *args)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, on patient connections.

    A connection that is kept reads the file that it opened, also when another one, such as a
    restored backup, has taken its place. It is given up then.
    """

    opened: FileIdentity | None = None

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "factory": PatientConnection}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        self.opened = _file_at(conn_params["database"])
        return connection

    def close_if_unusable_or_obsolete(self) -> None:
        there = _file_at(self.settings_dict["NAME"])
        if self.connection is not None and there != self.opened and not self.in_atomic_block:
            self.close()
        super().close_if_unusable_or_obsolete()

    def create_cursor(self, name: str | None = None) -> PatientCursor:
        cursor: PatientCursor = self.connection.cursor(factory=PatientCursor)
        return cursor
