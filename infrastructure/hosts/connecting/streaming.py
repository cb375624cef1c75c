"""Streaming of the rows of a MySQL query, also if the connection dies in the middle."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
from pymysql.cursors import SSCursor


@contextmanager
def stream_rows(connection: "pymysql.Connection[Any]", statement: str) -> Iterator[Iterator[Any]]:
    """The rows of a query, unbuffered. Unread rows are read and dropped at the end.

    PyMySQL tries that on a dead connection too, whenever it releases an object, and prints each
    error on stderr. So its objects of a failed query are disconnected first.
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
