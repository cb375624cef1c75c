"""Wrappers of readers: an error while reading names the right database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any

from django.db import OperationalError

from domain.errors import RestoreLogError
from domain.values import Value
from infrastructure.databases.redaction import driver_says
from infrastructure.hosts.connecting import Session
from infrastructure.hosts.connecting.counting import count_rows
from infrastructure.hosts.connecting.errors import HostUnreachable, RowsMissing
from infrastructure.hosts.connecting.reading import host_errors
from projections.verification.actual.readers.base import (
    Lookup,
    ReadColumn,
    Row,
    ServiceReader,
    SnapshotReader,
    Wanted,
)
from projections.verification.actual.readers.own import own_errors


class CarefulSnapshotReader:
    """Forwards calls to a reader, in a context that turns errors into those of its database."""

    def __init__(
        self, reader: SnapshotReader, errors: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self.reader = reader
        self.errors = errors
        self.vendor = reader.vendor

    def quoted(self, table: str) -> str:
        return self.reader.quoted(table)

    def columns(self, table: str) -> list[ReadColumn]:
        with self.errors():
            return self.reader.columns(table)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        with self.errors():
            return self.reader.rows(sql, params)

    def references(self, table: str) -> dict[str, tuple[str, str]]:
        with self.errors():
            return self.reader.references(table)

    def declared(self, table: str) -> dict[str, str]:
        with self.errors():
            return self.reader.declared(table)

    def stream(
        self, table: str, wanted: Sequence[Wanted], lookup: Lookup | None = None
    ) -> Iterator[list[Row]]:
        with self.errors():
            yield from self.reader.stream(table, wanted, lookup)

    def is_local_time(self, column: ReadColumn) -> bool:
        return self.reader.is_local_time(column)

    def is_time(self, column: ReadColumn) -> bool:
        return self.reader.is_time(column)

    def is_exact(self, want: Wanted) -> bool:
        return self.reader.is_exact(want)

    def verbatim(self, column: ReadColumn) -> Callable[[Any], Value]:
        return self.reader.verbatim(column)


class HostReader(CarefulSnapshotReader):
    """The reader of a host's session. Reads all rows of a table, or raises `RowsMissing`."""

    def __init__(self, reader: SnapshotReader, session: Session) -> None:
        super().__init__(reader, lambda: host_errors(session.where))
        self.session = session
        self.counts: dict[str, int] = {}

    def stream(
        self, table: str, wanted: Sequence[Wanted], lookup: Lookup | None = None
    ) -> Iterator[list[Row]]:
        count, read = self._count(table), 0
        for rows in super().stream(table, wanted, lookup):
            read += len(rows)
            yield rows
        if read != count:
            raise RowsMissing(table, count, read)

    def verbatim(self, column: ReadColumn) -> Callable[[Any], Value]:
        keep, where = self.reader.verbatim(column), self.session.where

        def careful(value: Any) -> Value:
            try:
                return keep(value)
            except RestoreLogError:
                raise
            except Exception as error:
                raise HostUnreachable(where, driver_says(error)) from error

        return careful

    def close(self) -> None:
        with suppress(OSError, *self.session.errors):
            self.reader.close()
        self.session.close()

    def _count(self, table: str) -> int:
        if table not in self.counts:
            with self.errors():
                quoted = self.reader.quoted(table)
                self.counts[table] = count_rows(self.vendor, self.session.connection, quoted)
        return self.counts[table]


class CarefulServiceReader(CarefulSnapshotReader):
    """The reader of the service's own database. Closing it closes the connection if `owned`."""

    def __init__(self, reader: ServiceReader, *, owned: bool) -> None:
        super().__init__(reader, own_errors)
        self.service = reader
        self.owned = owned

    def pick(
        self, table: str, wanted: Sequence[Wanted], key: str, streams: Sequence[str]
    ) -> list[Row]:
        with self.errors():
            return self.service.pick(table, wanted, key, streams)

    def close(self) -> None:
        if self.owned:
            with suppress(OperationalError), self.errors():
                self.reader.close()
