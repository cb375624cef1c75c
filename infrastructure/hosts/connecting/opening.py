"""Sessions on a host: how one is opened, and what it has opened."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from infrastructure.hosts.connecting.reading import host_errors
from infrastructure.hosts.connecting.source import Source, parse_source


class ReadFrom(NamedTuple):
    """What was read, as the server reports it; None for what its kind does not have.

    `schema` is the first of PostgreSQL's search path; `path` is a SQLite file's.
    """

    vendor: str
    server: str | None = None
    database: str | None = None
    schema: str | None = None
    path: str | None = None
    role: str | None = None


@dataclass(frozen=True)
class Session:
    """A read-only, guarded connection to one snapshot of a host."""

    source: Source
    connection: Any
    errors: tuple[type[Exception], ...]
    """The errors of its driver."""

    @property
    def where(self) -> str:
        return self.source.where

    def read_from(self) -> ReadFrom:
        """The server, database and role that this session reads from."""
        with host_errors(self.where):
            return _READ_FROM[self.source.vendor](self)

    def close(self) -> None:
        """Close the connection. Errors of a connection that is dead already are ignored."""
        with suppress(OSError, *self.errors):
            self.connection.close()


def open_session(url: str | Source) -> Session:
    """A session on the host at this URL. Raises `NoSource`, `BadSourceUrl`, `HostUnreachable`
    or `LimitNotLifted`."""
    source = parse_source(url) if isinstance(url, str) else url
    with host_errors(source.where):
        return Session(source, *_connection(source))


def _connection(source: Source) -> tuple[Any, tuple[type[Exception], ...]]:
    """A driver is imported when a host of its kind is opened, so that the service starts faster."""
    match source.vendor:
        case "sqlite":
            import sqlite3

            from infrastructure.hosts.connecting.sqlite import open_sqlite

            return open_sqlite(source), (sqlite3.Error,)
        case "postgresql":
            import psycopg

            from infrastructure.hosts.connecting.postgresql import open_postgresql

            return open_postgresql(source), (psycopg.Error,)
        case "mysql":
            import pymysql

            from infrastructure.hosts.connecting.mysql import open_mysql

            return open_mysql(source), (pymysql.MySQLError,)


def _sqlite(session: Session) -> ReadFrom:
    row = session.connection.execute("SELECT file FROM pragma_database_list WHERE name = 'main'")
    return ReadFrom("sqlite", path=row.fetchone()[0])


def _postgresql(session: Session) -> ReadFrom:
    info = session.connection.info
    database, schema, role = session.connection.execute(
        "SELECT current_database(), current_schema(), current_user"
    ).fetchone()
    server = f"{info.host}:{info.port}"
    return ReadFrom("postgresql", server, database, schema, None, role)


def _mysql(session: Session) -> ReadFrom:
    from infrastructure.hosts.connecting.mysql import execute

    connection = session.connection
    ((database, role),) = execute(connection, "SELECT database(), current_user()")
    server = connection.unix_socket or f"{connection.host}:{connection.port}"
    return ReadFrom("mysql", server, database, None, None, role)


_READ_FROM = {"sqlite": _sqlite, "postgresql": _postgresql, "mysql": _mysql}
