"""The expected rows of a host whose migration moved legacy rows to its consolidated tables."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.backups.events import HostBackupRow
from domain.restores.events import HostRow
from projections.verification.actual.readers.base import Row
from projections.verification.cells import UNFIT, Cells, Values
from projections.verification.chunks import CellViolation, ComparedChunk, Overruled
from projections.verification.expected.from_host import ExpectedHostRows, refuse_other_keys
from projections.verification.expected.from_log import (
    amended_cells,
    cells_from_log,
    logged_misfit,
    standing_row,
)
from projections.verification.expected.moved_rows import CopiedRows, between
from projections.verification.expected.schema import BIGINT
from projections.verification.identity import stream_ids
from projections.verification.log_index import Entry

Misfits = dict[tuple[int, int], CellViolation]


@dataclass(kw_only=True)
class HostRowsBesideCopies(ExpectedHostRows):
    """The rows of one host table. Copies have no rows of their own.

    A legacy row of which only the copy is left, or whose copy was changed later, is as the log has
    it: `moved` says of which rows that was confirmed.
    """

    moved: CopiedRows

    def chunks(self) -> Iterator[ComparedChunk]:
        last = -1
        for rows in self.host.stream(self.of.name, self.wanted, self.lookup):
            if self.seen is not None:
                self.seen(rows)
            key, moved = self.at["id"], self.moved
            refuse_other_keys(self.of, [row[key] for row in rows])
            upto = rows[-1][key]
            own = [row for row in rows if not moved.is_copy(self.of, row[key])]
            if self.into is self.of:
                self._note([row[key] for row in rows])
            yield from self._around_orphans(own, last, upto)
            last = upto
        yield from self._alone(last, BIGINT)

    def _note(self, keys: list[int]) -> None:
        """Note the copies among these rows, or the rows that have none."""
        moved = self.moved
        if self.of.origin == "consolidated":
            for key in keys:
                if moved.is_copy(self.of, key):
                    moved.read_copy(self.of, key)
        elif self.of.subject == "restore":
            number = moved.of(self.of).number
            moved.count_not_moved("restore", sum(number(key) is None for key in keys))

    def _around_orphans(self, rows: list[Row], after: int, upto: int) -> Iterator[ComparedChunk]:
        """These rows, and in their order those of which only the copy is left."""
        key, start = self.at["id"], 0
        for orphan in self._orphans(after, upto):
            place = bisect_left(rows, orphan, key=lambda row: row[key])
            if rows[start:place]:
                yield self._chunk(rows[start:place])
            yield from self._alone(orphan - 1, orphan)
            start = place
        if rows[start:]:
            yield self._chunk(rows[start:])

    def _orphans(self, after: int, upto: int) -> Iterator[int]:
        if self.of.origin != "legacy":
            return iter(())
        return between(self.moved.orphans.get(self.of.subject, ()), after, upto)

    def _alone(self, after: int, upto: int) -> Iterator[ComparedChunk]:
        """The rows of which only the copy is left, as the log has them."""
        for key in self._orphans(after, upto):
            stream = stream_ids(self.log.host, self.of.name, [key])[0]
            entries = self.log.streams([stream]).get(stream, [])
            row = standing_row(entries)
            cells = cells_from_log(self.into, entries, self.shift, stream)
            if row is not None and cells is not None:
                yield ComparedChunk(
                    [key + self.shift],
                    [[cell] for cell in cells],
                    [stream],
                    misfits=self._misfits(cells, row, entries, 0),
                )

    def _derived(self, values: list[Values], streams: Sequence[str]) -> Values:
        """The same; a backup that is a copy has its legacy backup's name.

        A restore may have named a backup that did not exist, and whose id a copy got later: then
        the log has derived nothing.
        """
        names = list(super()._derived(values, streams))
        if self.of.origin == "legacy":
            return names
        backups = self.moved.pairs["backup"]
        keys = self._said("source_backup_id", values, len(streams))
        copied = {n: number for n, key in enumerate(keys)
                  if (number := backups.number_of_copy(key)) is not None}  # fmt: skip
        found = self.log.streams([streams[n] for n in copied]) if copied else {}
        for n, number in copied.items():
            row = standing_row(found.get(streams[n], []))
            if row is None or row.derived.get("target_database") != "":
                known = self.log.names["legacy"]
                names[n] = known.at(backups.legacy[number], self.log.position + 1)
        return names

    def _overlay(
        self,
        ids: list[int],
        streams: Sequence[str],
        columns: list[Cells],
        misfits: Misfits,
    ) -> tuple[bool, list[Overruled]]:
        """The same with the rows whose copies were changed later."""
        amended, overruled = self._amend(ids, streams, columns, misfits)
        places = [n for n, stream in enumerate(streams) if stream in self.moved.touched]
        found = self.log.streams([streams[n] for n in places])
        for n in places:
            entries = found[streams[n]]
            row = standing_row(entries)
            assert row is not None, "a copy was changed after the row was imported"
            cells = amended_cells(self.into, row, entries, self.shift, streams[n])
            for number, cell in enumerate(cells):
                columns[number][n] = cell
            misfits.update(self._misfits(cells, row, entries, n))
        return amended or bool(places), overruled

    def _misfits(
        self, cells: Cells, row: HostRow | HostBackupRow, entries: list[Entry], place: int
    ) -> Misfits:
        return {
            (place, number): logged_misfit(self.into, row, entries, self.shift, number)
            for number, cell in enumerate(cells)
            if cell == UNFIT
        }


@dataclass(kw_only=True)
class PairSide(ExpectedHostRows):
    """One side of the moved pairs, as the host has it: the legacy rows, or their copies."""

    moved: CopiedRows

    def chunks(self) -> Iterator[ComparedChunk]:
        key, pairs = self.at["id"], self.moved.of(self.of)
        number = pairs.number if self.of.origin == "legacy" else pairs.number_of_copy
        for rows in self.host.stream(self.of.name, self.wanted, self.lookup):
            some = [row for row in rows if number(row[key]) is not None]
            if some:
                yield self._chunk(some)

    def _target(self, said: Values, values: list[Values], streams: Sequence[str]) -> Values:
        """The row's own target database, not one that is derived."""
        return ["" if value is None else value for value in said]

    def _overlay(
        self,
        ids: list[int],
        streams: Sequence[str],
        columns: list[Cells],
        misfits: Misfits,
    ) -> tuple[bool, list[Overruled]]:
        return False, []
