"""What a projection's table holds, read by plain SQL in order of id."""

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
"""Above every id that an integer column holds."""

PLAIN: Final = {
    "text": frozenset({str, type(None)}),
    "person": frozenset({str, type(None)}),
    "extra": frozenset({str}),
    "uuid": frozenset({str, type(None)}),
    "integer": frozenset({int, type(None)}),
}
"""Kinds of column that the tables store as the host says it, and the types of such values."""


class Stored:
    """Some rows of a projection's table, as values; their cells are worked out when needed."""

    def __init__(self, table: ExpectedTable, ids: list[int], values: list[Values]) -> None:
        self.table = table
        self.ids = ids
        self.values = values

    @cached_property
    def chunk(self) -> ComparedChunk:
        """The same rows as cells."""
        return ComparedChunk(self.ids, [self._cells(n) for n in range(len(self.values))])

    def equals(self, chunk: ComparedChunk) -> bool:
        """Whether these are exactly the rows of the chunk, which fit all their columns."""
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
        """Whether a column holds the very values that the host says: then the cells are equal."""
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
    """A table's rows, handed out as far as some id at a time."""

    def __init__(
        self, service: SnapshotReader, table: ExpectedTable, place: str | None = None
    ) -> None:
        """`place` is where the rows are, if not in the table that readers see."""
        self.table = table
        place = place or table.name
        self.batches = service.stream(place, wanted_of(service, table, place))
        self.ahead: Stored | None = None

    def upto(self, last: int) -> Stored:
        """The next rows whose id is not above this one."""
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
        """Whatever is left."""
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
    """The columns to read of the table there, in the order of its rules."""
    there = {column.name: column for column in service.columns(place)}
    return [Wanted(there[rule.column], rule.holds.kind) for rule in table.rules]


def _placed(key: object) -> int:
    """Where an id that is no integer stands among integers: SQLite stores what it is given."""
    return floor(key) if isinstance(key, float) else BEYOND


def _joined(table: ExpectedTable, parts: list[Stored]) -> Stored:
    ids = [id_ for part in parts for id_ in part.ids]
    values: list[Values] = [
        tuple(chain.from_iterable([part.values[n] for part in parts]))
        for n in range(len(table.rules))
    ]
    return Stored(table, ids, values)
