"""A wrapper of a reader: its errors name the host."""

from collections.abc import Iterator, Sequence
from typing import Any, Self

from domain.values import Value
from infrastructure.hosts.connecting import Session
from infrastructure.hosts.connecting.reading import host_errors
from infrastructure.hosts.readers.base import Extent, Reader, RowQuery
from infrastructure.hosts.schema import Reference, TableSchema


class CarefulReader:
    """The reader of a session; closing it ends the session."""

    def __init__(self, reader: Reader, session: Session) -> None:
        self.reader = reader
        self.session = session
        self.compares_all = reader.compares_all

    def table(self, name: str) -> TableSchema | None:
        with host_errors(self.session.where):
            return self.reader.table(name)

    def extent(self, table: str) -> Extent:
        with host_errors(self.session.where):
            return self.reader.extent(table)

    def estimate(self, table: str) -> int:
        with host_errors(self.session.where):
            return self.reader.estimate(table)

    def keys(self, table: str) -> Iterator[Any]:
        with host_errors(self.session.where):
            yield from self.reader.keys(table)

    def rows(self, query: RowQuery) -> Iterator[list[Value]]:
        with host_errors(self.session.where):
            yield from self.reader.rows(query)

    def orphans(self, table: str, column: str, reference: Reference) -> Iterator[Any]:
        with host_errors(self.session.where):
            yield from self.reader.orphans(table, column, reference)

    def words(self, table: str, column: str) -> list[str]:
        with host_errors(self.session.where):
            return self.reader.words(table, column)

    def plain_rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        with host_errors(self.session.where):
            yield from self.reader.plain_rows(table, columns)

    def inbound(self, table: str) -> list[tuple[str, str]]:
        with host_errors(self.session.where):
            return self.reader.inbound(table)

    def close(self) -> None:
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
