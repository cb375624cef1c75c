"""Plain SQL by database URL, past Django and past the code under test.

`rows` and `execute` take `sqlite:///…`, `postgres://…` and `mysql://…`. Placeholders are the
driver's own: `?` on SQLite, `%s` elsewhere (there a literal per cent sign is `%%` when there are
parameters). Values come back as the driver gives them: a datetime is text on SQLite, aware on
PostgreSQL, naive on MariaDB.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pymysql

Row = tuple[Any, ...]


@contextmanager
def connect(url: str) -> Iterator[Any]:
    """A driver's own connection, committed at the end, rolled back on an error, then closed."""
    with closing(_open(url)) as connection:
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


def rows(url: str, sql: str, params: Sequence[Any] = ()) -> list[Row]:
    """All rows of a query, as tuples."""
    with connect(url) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(sql, *([params] if params else []))
        return [tuple(row) for row in cursor.fetchall()]


def value(url: str, sql: str, params: Sequence[Any] = ()) -> Any:
    """The only value of the only row of a query."""
    ((only,),) = rows(url, sql, params)
    return only


def execute(url: str, sql: str, params: Sequence[Any] = ()) -> int:
    """Run one statement, commit, and return how many rows it touched (-1: not known)."""
    with connect(url) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(sql, *([params] if params else []))
        count: int = cursor.rowcount
        return count


def vacuum(url: str, table: str) -> None:
    """Have PostgreSQL vacuum and analyze a table."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'VACUUM (ANALYZE) "{table}"'.encode())


def _open(url: str) -> Any:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return sqlite3.connect(unquote(parts.path[1:]), timeout=30)
    if parts.scheme in ("postgres", "postgresql"):
        return psycopg.connect(url)
    if parts.scheme == "mysql":
        return pymysql.connect(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 3306,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=unquote(parts.path[1:]) or None,
        )
    raise ValueError(f"no driver for {parts.scheme}:// in these tests")
