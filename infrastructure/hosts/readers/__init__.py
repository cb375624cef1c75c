"""Readers of a host: one per kind of database, with the same interface."""

from infrastructure.hosts.connecting import Session, Source, open_session
from infrastructure.hosts.readers.base import Reader
from infrastructure.hosts.readers.careful import CarefulReader


def open_host(source: str | Source) -> CarefulReader:
    """A read-only session on the host at this URL. Raises `HostError`."""
    return reader_on(open_session(source))


def reader_on(session: Session) -> CarefulReader:
    """A reader of this session. It owns the session from now on."""
    return CarefulReader(_reader(session), session)


def _reader(session: Session) -> Reader:
    match session.source.vendor:
        case "sqlite":
            from infrastructure.hosts.readers.sqlite import SQLiteReader

            return SQLiteReader(session.connection)
        case "postgresql":
            from infrastructure.hosts.readers.postgresql import PostgreSQLReader

            return PostgreSQLReader(session.connection)
        case "mysql":
            from infrastructure.hosts.readers.mysql import MySQLReader

            return MySQLReader(session.connection)
