"""The comparison of a table's expected and actual rows, merged in order of id."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from projections.verification.actual.rows import FoundRows
from projections.verification.cells import Cells
from projections.verification.chunks import CellViolation, ComparedChunk
from projections.verification.differences import Tally


class Mismatch(NamedTuple):
    """A row that differs from the expected one.

    `expected` is None for a row that must not be there, `found` for one that is missing.
    `misfit` is a value that a column cannot hold: the row must not be in the table, and `expected`
    is then the row that it would have been.
    """

    id: int
    stream: str | None
    expected: Cells | None
    found: Cells | None
    misfit: CellViolation | None = None


def compare(
    chunks: Iterable[ComparedChunk], found: FoundRows, tally: Tally
) -> Iterator[list[Mismatch]]:
    """The mismatches of each batch of rows, often none. `tally` gets counts that need no cause."""
    for chunk in chunks:
        there = found.upto(chunk.ids[-1])
        tally.found += len(there.ids)
        tally.expected += len(chunk.ids) - len(chunk.unfit)
        tally.quarantined += len(chunk.unfit)
        tally.withheld.update([chunk.streams[n] for n in chunk.unfit])
        if not chunk.unfit and there.equals(chunk):
            tally.digest_expected.same_as(tally.digest_found, chunk.rows)
            if tally.seen is not None:
                tally.seen(chunk)
            yield []
            continue
        tally.digest_expected.add([row for n, row in enumerate(chunk.rows) if n not in chunk.unfit])
        tally.digest_found.add(there.chunk.rows)
        if tally.seen is not None:
            tally.seen(there.chunk)
        yield list(_merge(chunk, there.chunk))


def left_over(found: FoundRows, tally: Tally) -> Iterator[list[Mismatch]]:
    """The actual rows after the last expected one."""
    for stored in found.rest():
        chunk = stored.chunk
        tally.found += len(chunk.ids)
        tally.digest_found.add(chunk.rows)
        if tally.seen is not None:
            tally.seen(chunk)
        yield [Mismatch(id_, None, None, chunk.cells(n)) for n, id_ in enumerate(chunk.ids)]


def _merge(chunk: ComparedChunk, there: ComparedChunk) -> Iterator[Mismatch]:
    at = 0
    for n, id_ in enumerate(chunk.ids):
        while at < len(there.ids) and there.ids[at] < id_:
            yield Mismatch(there.ids[at], None, None, there.cells(at))
            at += 1
        here = at < len(there.ids) and there.ids[at] == id_
        if n in chunk.unfit:
            yield Mismatch(
                id_,
                chunk.streams[n],
                chunk.cells(n),
                there.cells(at) if here else None,
                chunk.misfit(n),
            )
        elif not here or chunk.rows[n] != there.rows[at]:
            yield Mismatch(id_, chunk.streams[n], chunk.cells(n), there.cells(at) if here else None)
        at += here
    for rest in range(at, len(there.ids)):
        yield Mismatch(there.ids[rest], None, None, there.cells(rest))
