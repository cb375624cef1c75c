"""A snapshot of the service's own database, on a connection besides Django's."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import OperationalError

from infrastructure.databases.own_database import open_own_postgresql
from infrastructure.databases.redaction import one_line


@contextmanager
def own_errors() -> Iterator[None]:
    """Turns driver errors about the service's own database into Django's, so that they are not
    taken for errors of the host."""
    try:
        yield
    except (sqlite3.Error, psycopg.Error) as error:
        raise OperationalError(one_line(error)) from error


def own_connection(settings: dict[str, Any], lock: tuple[str, ...]) -> tuple[str, Any]:
    """Vendor, and a connection in a read-only transaction with these tables locked."""
    if str(settings["ENGINE"]).endswith("sqlite3"):
        return "sqlite", _sqlite(str(settings["NAME"]))
    return "postgresql", _postgresql(settings, lock)


def _sqlite(name: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(Path(name).absolute()))}?mode=ro",
        uri=True,
        isolation_level=None,
        timeout=60,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA cache_size=-32768")
        connection.execute("BEGIN")
        # The snapshot begins with the first read, not with BEGIN.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _postgresql(settings: dict[str, Any], lock: tuple[str, ...]) -> "psycopg.Connection[Any]":
    connection = open_own_postgresql(settings)
    try:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if lock:
            # Before the snapshot: a switch of generations after it would leave an empty table.
            tables = ", ".join(".".join(map(_quoted, name.split("."))) for name in lock)
            connection.execute(f"LOCK TABLE {tables} IN ACCESS SHARE MODE".encode())
    except BaseException:
        connection.close()
        raise
    return connection


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
