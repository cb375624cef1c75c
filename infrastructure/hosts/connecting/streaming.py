"""Rows of a MySQL query as they come, also when the connection dies in their midst."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
from pymysql.cursors import SSCursor


@contextmanager
def stream_rows(connection: "pymysql.Connection[Any]", statement: str) -> Iterator[Iterator[Any]]:
    """The rows of a query, unbuffered. What is not read of them is read off at the end.

    PyMySQL tries that for a dead connection too, once more whenever it lets go of an object, and
    complains of each on stderr: so what is left of a query that failed is taken apart first.
    """
    cursor: Any = connection.cursor(SSCursor)
    try:
        cursor.execute(statement)
        try:
            yield cursor.fetchall_unbuffered()
        finally:
            if cursor.connection is not None:
                cursor.close()
    except Exception:
        _abandon(connection, cursor)
        raise


def _abandon(connection: Any, cursor: Any) -> None:
    for result in (cursor._result, connection._result):
        if result is not None:
            result.unbuffered_active = False
            result.connection = None
    connection._result = None
    cursor._result = cursor.connection = None
    connection._force_close()
