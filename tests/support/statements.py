"""The SQL statements that something takes: those of the log's own dialects, and Django's."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.test.utils import CaptureQueriesContext

from infrastructure.event_store.dialects.postgresql import PostgreSQLLog
from infrastructure.event_store.dialects.sqlite import SQLiteLog


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements of the block, which are there when it is over: first the log's."""
    found: list[str] = []
    of_log: list[str] = []

    def counted(fetch: Any) -> Any:
        def count(dialect: Any, on: Any, statement: str, parameters: Sequence[Any] = ()) -> Any:
            of_log.append(f"log: {statement}")
            return fetch(dialect, on, statement, parameters)

        return count

    with (
        patch.object(SQLiteLog, "fetch", counted(SQLiteLog.fetch)),
        patch.object(PostgreSQLLog, "fetch", counted(PostgreSQLLog.fetch)),
        CaptureQueriesContext(connection) as asked,
    ):
        yield found
    found += of_log
    found += [one["sql"] for one in asked]
