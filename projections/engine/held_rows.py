"""All rows of a query as of one moment, read a few at a time.

PostgreSQL collects them first, in a cursor that outlives its transaction. So the tables are locked
against a switch of generations only for as long as the server needs for that, and not until the
last row was read. On SQLite a reader holds up nobody, and reads the tables themselves.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Event, Thread
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connections
from django.db.models import QuerySet

from infrastructure.databases.time_limit import CANCELLED, TookTooLong, time_limit
from projections.engine.models import Generation, GenerationState
from projections.engine.reading import one_snapshot
from projections.engine.registry import PROJECTIONS

AT_A_TIME = 100
"""Rows that are in memory: each may have long texts."""
PAUSE = 0.1
"""Seconds between two attempts to end a statement."""
CURSOR = "restorelog_held_rows"

HeldRows = tuple[Generation | None, Iterator[tuple[Any, ...]]]
Chunks = tuple[Generation | None, Iterator[list[tuple[Any, ...]]]]
Statement = tuple[str, tuple[Any, ...]]


@contextmanager
def held_rows(rows: QuerySet[Any], label: str, seconds: float) -> Iterator[HeldRows]:
    """The rows of this `values_list`, and the live generation of a projection at that moment.

    The generation is None if nothing was ever applied. `TookTooLong` is raised if the database
    takes longer: on PostgreSQL to collect the rows, on SQLite until the last one was read.
    """
    compiler = rows.query.get_compiler(rows.db)
    try:
        statement = compiler.as_sql()
    except EmptyResultSet:
        # Django knows that nothing fits, such as a number that the column cannot hold.
        yield _live(label, rows.db), iter(())
        return
    held = _sqlite if connections[rows.db].vendor == "sqlite" else _postgresql
    with held(rows.db, statement, label, seconds) as (generation, chunks):
        found: Iterator[tuple[Any, ...]] = compiler.results_iter(chunks, tuple_expected=True)
        yield generation, found


@contextmanager
def _sqlite(using: str, statement: Statement, label: str, seconds: float) -> Iterator[Chunks]:
    connection = connections[using]
    with (
        time_limit(connection, seconds),
        one_snapshot(_tables(), using),
        closing(connection.cursor()) as cursor,
    ):
        generation = _live(label, using)
        cursor.execute(*statement)
        yield generation, iter(lambda: cursor.fetchmany(AT_A_TIME), [])


@contextmanager
def _postgresql(using: str, statement: Statement, label: str, seconds: float) -> Iterator[Chunks]:
    connection = connections[using]
    selection, parameters = statement
    with (
        _cancelled_after(connection, seconds),
        one_snapshot(_tables(), using),
        connection.cursor() as cursor,
    ):
        generation = _live(label, using)
        # All rows will be read, and not only the first ones.
        cursor.execute("SET LOCAL cursor_tuple_fraction = 1")
        declare = f"DECLARE {CURSOR} NO SCROLL CURSOR WITH HOLD FOR {selection}"
        cursor.execute(declare, parameters)
    with connection.cursor() as cursor:
        try:
            yield generation, _fetched(cursor)
        finally:
            # If the connection was lost, the cursor was, too.
            if connection.connection is not None and not connection.connection.closed:
                cursor.execute(f"CLOSE {CURSOR}")


@contextmanager
def _cancelled_after(connection: Any, seconds: float) -> Iterator[None]:
    """Ends the block's statements after this time, and then raises `TookTooLong`.

    PostgreSQL collects the rows at the commit, which its `statement_timeout` does not cover.
    """
    connection.ensure_connection()
    done, cancelled = Event(), Event()

    def watch() -> None:
        pause = seconds
        # Again and again: between two statements there is nothing to cancel.
        while not done.wait(pause):
            cancelled.set()
            connection.connection.cancel_safe()
            pause = PAUSE

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield
    except OperationalError as error:
        if not cancelled.is_set() or getattr(error.__cause__, "sqlstate", None) != CANCELLED:
            raise
        raise TookTooLong from error
    finally:
        # What comes later on this connection must not be cancelled.
        done.set()
        watcher.join()


def _fetched(cursor: Any) -> Iterator[list[tuple[Any, ...]]]:
    while True:
        cursor.execute(f"FETCH {AT_A_TIME} FROM {CURSOR}")
        some = cursor.fetchall()
        if not some:
            return
        yield some


def _tables() -> list[Any]:
    """Every table that a filter may look at."""
    return [projection.model for projection in PROJECTIONS.values()]


def _live(label: str, using: str) -> Generation | None:
    live = Generation.objects.using(using).filter(label=label, state=GenerationState.LIVE)
    return live.first()
