"""Reading a database in key order: one consistent, read-only snapshot, one file per dialect."""

from typing import Any

import dj_database_url

from infrastructure.discretion import looks_like_more
from projections.verification.errors import CannotVerify, HostUnreachable
from projections.verification.readers.base import Column, Reader, ServiceReader

__all__ = [
    "Column", "Reader", "ServiceReader", "host_on", "open_host", "open_service", "service_on",
]  # fmt: skip


def open_host(url: str) -> Reader:
    """A snapshot of the host at this URL. `HostUnreachable` if there is none."""
    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url))
        if _vendor(settings) != "sqlite3" and looks_like_more(str(settings["NAME"])):
            raise ValueError("no name")
    except ValueError as error:
        # The URL may hold a password, so it is not repeated.
        raise HostUnreachable(
            "its URL should look like sqlite:////path/to/file, postgres://… or mysql://…"
        ) from error
    match _vendor(settings):
        case "mysql":
            from projections.verification.readers.mysql import MySQLReader

            return MySQLReader.open(settings)
        case "sqlite3" | "postgresql":
            return open_service(settings)
        case other:
            raise CannotVerify(f"A host on {other} cannot be read: SQLite, PostgreSQL, MySQL can.")


def host_on(vendor: str, connection: Any) -> Reader:
    """A host's reader on a driver's connection, in the transaction that has begun there.

    `vendor` is Django's name for the database. Closing the reader leaves the connection open.
    """
    if vendor == "mysql":
        from projections.verification.readers.mysql import MySQLReader

        return MySQLReader(connection)
    return service_on(vendor, connection)


def open_service(settings: dict[str, Any], lock: tuple[str, ...] = ()) -> ServiceReader:
    """A snapshot of the service's own database, with these tables held against a switch."""
    if _vendor(settings) == "sqlite3":
        from projections.verification.readers.sqlite import SQLiteReader

        return SQLiteReader.open(settings)
    from projections.verification.readers.postgresql import PostgreSQLReader

    return PostgreSQLReader.open(settings, lock)


def service_on(vendor: str, connection: Any) -> ServiceReader:
    """The service's reader on a driver's connection; see `host_on`."""
    if vendor == "sqlite":
        from projections.verification.readers.sqlite import SQLiteReader

        return SQLiteReader(connection)
    from projections.verification.readers.postgresql import PostgreSQLReader

    return PostgreSQLReader(connection)


def _vendor(settings: dict[str, Any]) -> str:
    return str(settings["ENGINE"]).rsplit(".", 1)[-1]
