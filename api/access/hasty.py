"""Small writes beside a request, which must neither delay it nor make it fail.

A request that only reads works while a cut-over holds SQLite's write lock, and on a replica. What
is written beside it, such as a token's last use, is skipped then.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from sqlite3 import SQLITE_BUSY, SQLITE_LOCKED
from threading import Lock

from django.db import Error as DatabaseError
from django.db import OperationalError, connection, transaction

from infrastructure.databases.own_database import refuses_writes
from infrastructure.databases.sqlite3.errors import sqlite_code

LOCK_TIMEOUT = "100ms"
LOCK_NOT_AVAILABLE = "55P03"
REMEMBERED = 10_000


def write_if_free(write: Callable[[], object]) -> bool:
    """Write in a transaction of its own, unless the database is busy or read-only.

    Returns whether it was written. Other errors, such as a lost database, are raised.
    """
    try:
        with _without_waiting(), transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            write()
        return True
    except DatabaseError as error:
        if not (refuses_writes(error) or _is_busy(error)):
            raise
        return False


@contextmanager
def _without_waiting() -> Iterator[None]:
    """On SQLite: fail at once if another connection is writing."""
    if connection.vendor == "postgresql":
        yield
        return
    connection.ensure_connection()
    driver = connection.connection
    patience, driver.patience = driver.patience, 0.0
    try:
        yield
    finally:
        driver.patience = patience


def _is_busy(error: DatabaseError) -> bool:
    driver = error.__cause__
    return isinstance(error, OperationalError) and (
        sqlite_code(driver) in (SQLITE_BUSY, SQLITE_LOCKED)
        or getattr(driver, "sqlstate", "") == LOCK_NOT_AVAILABLE
    )


class Recently:
    """Remembers, in this process, for which keys something was done within `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._at: OrderedDict[Hashable, float] = OrderedDict()
        self._lock = Lock()

    def is_due(self, key: Hashable) -> bool:
        """Whether it was not done recently. If so, it counts as done from now on."""
        now = time.monotonic()
        with self._lock:
            at = self._at.get(key)
            if at is not None and now - at < self.seconds:
                return False
            self._at[key] = now
            self._at.move_to_end(key)
            while len(self._at) > REMEMBERED:
                self._at.popitem(last=False)
        return True

    def clear(self) -> None:
        """Nothing was done recently, as in a new process."""
        with self._lock:
            self._at.clear()

    def forget(self, key: Hashable) -> None:
        """It was not done after all."""
        with self._lock:
            self._at.pop(key, None)
