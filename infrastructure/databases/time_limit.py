"""A limit to the time that the database may take to read something."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from django.db import OperationalError, transaction

CANCELLED = "57014"
"""PostgreSQL's code for a statement that was ended."""
INSTRUCTIONS = 10_000
"""How many of SQLite's instructions pass between two looks at the clock: about a millisecond."""


class TookTooLong(Exception):
    """A statement was ended because of the limit."""


@contextmanager
def time_limit(connection: Any, seconds: float) -> Iterator[None]:
    """Ends each statement in the block that takes longer; raises `TookTooLong`.

    For reads. Nothing of the limit stays on the connection.
    """
    limited = _sqlite if connection.vendor == "sqlite" else _postgresql
    with limited(connection, seconds):
        yield


@contextmanager
def _postgresql(connection: Any, seconds: float) -> Iterator[None]:
    try:
        with transaction.atomic(using=connection.alias):
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {max(int(seconds * 1000), 1)}")
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != CANCELLED:
            raise
        raise TookTooLong from error


@contextmanager
def _sqlite(connection: Any, seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    driver, clock = connection.connection, _Clock(seconds, monotonic)
    driver.set_progress_handler(clock.is_over, INSTRUCTIONS)
    try:
        yield
    except OperationalError as error:
        if not clock.over:
            raise
        raise TookTooLong from error
    finally:
        driver.set_progress_handler(None, 0)


class _Clock:
    """What SQLite asks now and then whether to go on."""

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self.now, self.end, self.over = now, now() + seconds, False

    def is_over(self) -> bool:
        self.over = self.now() > self.end
        return self.over
