"""Readers of consistent, read-only snapshots, in key order: one file per kind of database."""

from typing import Any

from infrastructure.hosts.connecting import Session, open_session
from infrastructure.hosts.connecting.reading import host_errors
from projections.verification.actual.readers.base import ReadColumn, ServiceReader, SnapshotReader
from projections.verification.actual.readers.careful import CarefulServiceReader, HostReader
from projections.verification.actual.readers.own import own_connection, own_errors

__all__ = [
    "HostReader",
    "ReadColumn",
    "ServiceReader",
    "SnapshotReader",
    "host_on",
    "open_compared_host",
    "open_service",
    "service_on",
]  # fmt: skip


def open_compared_host(url: str) -> HostReader:
    """A snapshot of the host at this URL. Raises `HostError` if it cannot be opened."""
    return host_on(open_session(url))


def host_on(session: Session) -> HostReader:
    """A host's reader in a session. Closing it closes the session."""
    with host_errors(session.where):
        return HostReader(_reader(session.source.vendor, session.connection), session)


def open_service(settings: dict[str, Any], lock: tuple[str, ...] = ()) -> ServiceReader:
    """A snapshot of the service's own database; these tables are locked against a switch.

    All errors of its driver, here or later, are raised as Django's `OperationalError`.
    """
    with own_errors():
        return CarefulServiceReader(_reader(*own_connection(settings, lock)), owned=True)


def service_on(vendor: str, connection: Any) -> ServiceReader:
    """The service's reader on a driver's connection, in the transaction that has begun there.

    `vendor` is Django's name for the database. Closing the reader leaves the connection open.
    """
    with own_errors():
        return CarefulServiceReader(_reader(vendor, connection), owned=False)


def _reader(vendor: str, connection: Any) -> Any:
    match vendor:
        case "mysql":
            from projections.verification.actual.readers.mysql import MySQLSnapshotReader

            return MySQLSnapshotReader(connection)
        case "sqlite":
            from projections.verification.actual.readers.sqlite import SQLiteSnapshotReader

            return SQLiteSnapshotReader(connection)
        case _:
            from projections.verification.actual.readers.postgresql import PostgreSQLSnapshotReader

            return PostgreSQLSnapshotReader(connection)
