"""Reading a database in key order: one consistent, read-only snapshot, one file per dialect."""

from typing import Any

import dj_database_url

from projections.verification.errors import CannotVerify, HostUnreachable
from projections.verification.readers.base import Column, Reader

__all__ = ["Column", "Reader", "open_host", "open_service"]


def open_host(url: str) -> Reader:
    """A snapshot of the host at this URL. `HostUnreachable` if there is none."""
    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        # The URL may hold a password, so it is not repeated.
        raise HostUnreachable(
            "its URL should look like sqlite:////path/to/file, postgres://… or mysql://…"
        ) from error
    return _reader(settings)


def open_service(settings: dict[str, Any], lock: tuple[str, ...]) -> Reader:
    """A snapshot of the service's own database, with these tables held against a switch."""
    return _reader(settings, lock)


def _reader(settings: dict[str, Any], lock: tuple[str, ...] = ()) -> Reader:
    match settings["ENGINE"].rsplit(".", 1)[-1]:
        case "sqlite3":
            from projections.verification.readers.sqlite import SQLiteReader

            return SQLiteReader(settings)
        case "postgresql":
            from projections.verification.readers.postgresql import PostgreSQLReader

            return PostgreSQLReader(settings, lock)
        case "mysql":
            from projections.verification.readers.mysql import MySQLReader

            return MySQLReader(settings)
        case other:
            raise CannotVerify(f"A host on {other} cannot be read: SQLite, PostgreSQL, MySQL can.")
