"""What a projection's table holds, read by plain SQL in order of id."""

from bisect import bisect_right
from collections.abc import Iterator
from math import floor
from typing import Final

from projections.verification.cells import found
from projections.verification.chunks import Chunk
from projections.verification.readers import Reader
from projections.verification.readers.base import Wanted
from projections.verification.rules import Table

BEYOND: Final = 2**63
"""Above every id that an integer column holds."""


class FoundRows:
    """A table's rows, handed out as far as some id at a time."""

    def __init__(self, service: Reader, table: Table) -> None:
        self.table = table
        there = {column.name: column for column in service.columns(table.name)}
        wanted = [Wanted(there[rule.column], rule.holds.kind) for rule in table.rules]
        self.batches = service.stream(table.name, wanted)
        self.ahead: Chunk | None = None
        self.done = 0

    def upto(self, last: int) -> Chunk:
        """The next rows whose id is not above this one."""
        taken: list[Chunk] = []
        while (chunk := self._next()) is not None:
            at = bisect_right(chunk.ids, last)
            if at < len(chunk.ids):
                self.ahead, self.done = chunk, at
                taken.append(chunk.part(0, at))
                break
            taken.append(chunk)
        return _joined(taken, len(self.table.rules))

    def rest(self) -> Iterator[Chunk]:
        """Whatever is left."""
        while (chunk := self._next()) is not None:
            yield chunk

    def _next(self) -> Chunk | None:
        if self.ahead is not None:
            chunk, self.ahead = self.ahead.part(self.done, len(self.ahead.ids)), None
            self.done = 0
            return chunk
        rows = next(self.batches, None)
        if rows is None:
            return None
        values = list(zip(*rows, strict=True))
        columns = [
            found(rule.holds.kind, said)
            for rule, said in zip(self.table.rules, values, strict=True)
        ]
        return Chunk([key if key.__class__ is int else _placed(key) for key in values[0]], columns)


def _placed(key: object) -> int:
    """Where an id that is no integer stands among integers: SQLite stores what it is given."""
    return floor(key) if isinstance(key, float) else BEYOND


def _joined(chunks: list[Chunk], width: int) -> Chunk:
    if len(chunks) == 1:
        return chunks[0]
    ids = [id_ for chunk in chunks for id_ in chunk.ids]
    columns = [[cell for chunk in chunks for cell in chunk.columns[n]] for n in range(width)]
    return Chunk(ids, columns)
