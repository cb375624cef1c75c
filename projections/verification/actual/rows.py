"""The actual rows of a projection's table, read by plain SQL in order of id."""

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from math import floor
from typing import Final

from projections.verification.actual.readers import SnapshotReader
from projections.verification.actual.readers.base import Wanted
from projections.verification.cells import Cells, Values, found
from projections.verification.chunks import ComparedChunk
from projections.verification.expected.schema import ExpectedTable

BEYOND: Final = 2**63
"""Greater than every id that an integer column can hold."""

PLAIN: Final = {
    "text": frozenset({str, type(None)}),
    "person": frozenset({str, type(None)}),
    "extra": frozenset({str}),
    "uuid": frozenset({str, type(None)}),
    "integer": frozenset({int, type(None)}),
}
"""Kinds of column that store the host's value unchanged, with the types of such values."""


class Stored:
    """Some rows of a projection's table, as values; their cells are computed when needed."""

    def __init__(self, table: ExpectedTable, ids: list[int], values: list[Values]) -> None:
        self.table = table
        self.ids = ids
        self.values = values

    @cached_property
    def chunk(self) -> ComparedChunk:
        """The same rows as cells."""
        return ComparedChunk(self.ids, [self._cells(n) for n in range(len(self.values))])

    def equals(self, chunk: ComparedChunk) -> bool:
        """Whether these are exactly the chunk's rows, and all of those fit their columns."""
        return self.ids == chunk.ids and all(
            self._says_the_same(n, chunk) or self._cells(n) == chunk.columns[n]
            for n in range(len(self.values))
        )

    def part(self, start: int, end: int) -> "Stored":
        """The rows from one index up to another."""
        return Stored(
            self.table, self.ids[start:end], [column[start:end] for column in self.values]
        )

    def _says_the_same(self, number: int, chunk: ComparedChunk) -> bool:
        """Whether a column holds exactly the host's values; then the cells are equal too."""
        plain = PLAIN.get(self.table.rules[number].holds.kind)
        return (
            plain is not None
            and not chunk.amended
            and len(chunk.raw) > number
            and self.values[number] == chunk.raw[number]
            and plain.issuperset(map(type, self.values[number]))
        )

    def _cells(self, number: int) -> Cells:
        return found(self.table.rules[number].holds.kind, self.values[number])


class FoundRows:
    """A table's rows, returned in parts up to a given id."""

    def __init__(
        self, service: SnapshotReader, table: ExpectedTable, place: str | None = None
    ) -> None:
        """`place` is the rows' table, if it is not the live one."""
        self.table = table
        place = place or table.name
        self.batches = service.stream(place, wanted_of(service, table, place))
        self.ahead: Stored | None = None

    def upto(self, last: int) -> Stored:
        """The next rows, up to and including this id."""
        taken: list[Stored] = []
        while (stored := self._next()) is not None:
            at = bisect_right(stored.ids, last)
            if at < len(stored.ids):
                self.ahead = stored.part(at, len(stored.ids))
                taken.append(stored.part(0, at))
                break
            taken.append(stored)
        return taken[0] if len(taken) == 1 else _joined(self.table, taken)

    def rest(self) -> Iterator[Stored]:
        """The remaining rows."""
        while (stored := self._next()) is not None:
            yield stored

    def _next(self) -> Stored | None:
        if self.ahead is not None:
            stored, self.ahead = self.ahead, None
            return stored
        rows = next(self.batches, None)
        if rows is None:
            return None
        values: list[Values] = list(zip(*rows, strict=True))
        ids = [key if key.__class__ is int else _placed(key) for key in values[0]]
        return Stored(self.table, ids, values)


def wanted_of(service: SnapshotReader, table: ExpectedTable, place: str) -> list[Wanted]:
    """The columns of that table to read, in the order of its rules."""
    there = {column.name: column for column in service.columns(place)}
    return [Wanted(there[rule.column], rule.holds.kind) for rule in table.rules]


def _placed(key: object) -> int:
    """The place in the order of an id that is not an integer: SQLite stores any value."""
    return floor(key) if isinstance(key, float) else BEYOND


def _joined(table: ExpectedTable, parts: list[Stored]) -> Stored:
    ids = [id_ for part in parts for id_ in part.ids]
    values: list[Values] = [
        tuple(chain.from_iterable([part.values[n] for part in parts]))
        for n in range(len(table.rules))
    ]
    return Stored(table, ids, values)
