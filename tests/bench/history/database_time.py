"""How long the database works for a request: all its statements, with fetching their rows."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

FETCHING = frozenset({"fetchone", "fetchmany", "fetchall"})


class Clock:
    """The seconds that passed in calls of the database's driver."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def timed(self, call: Callable[..., Any], *arguments: Any) -> Any:
        begin = time.perf_counter()
        try:
            return call(*arguments)
        finally:
            self.seconds += time.perf_counter() - begin


class TimedCursor(CursorWrapper):
    clock: Clock

    def execute(self, *arguments: Any) -> Any:
        return self.clock.timed(super().execute, *arguments)

    def executemany(self, *arguments: Any) -> Any:
        return self.clock.timed(super().executemany, *arguments)

    def __getattr__(self, name: str) -> Any:
        """`fetchone` and the like, which are the driver's."""
        found = super().__getattr__(name)
        return partial(self.clock.timed, found) if name in FETCHING else found

    def __iter__(self) -> Iterator[Any]:
        rows, end = super().__iter__(), object()
        while (row := self.clock.timed(next, rows, end)) is not end:
            yield row


@contextmanager
def database_time() -> Iterator[Clock]:
    """A clock of all that this process asks of Django's connections in the block."""
    clock = Clock()
    kind = type("CursorOfClock", (TimedCursor,), {"clock": clock})
    before = BaseDatabaseWrapper.make_cursor
    BaseDatabaseWrapper.make_cursor = lambda self, cursor: kind(cursor, self)
    try:
        yield clock
    finally:
        BaseDatabaseWrapper.make_cursor = before
