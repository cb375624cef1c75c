"""The causes of differences, found by comparing with the log."""

import re
from collections.abc import Iterator, Sequence, Set

from domain.values import Tagged
from projections.verification.cells import UNFIT, Cells, cell_value
from projections.verification.chunks import CellViolation
from projections.verification.compare import Mismatch
from projections.verification.differences import Cause, Difference, Tally
from projections.verification.expected.from_log import cells_from_log
from projections.verification.expected.schema import TABLES, ExpectedTable, Origin
from projections.verification.identity import stream_ids
from projections.verification.log_index import LogIndex

DERIVED = "target_database"
"""If the host does not have such a column, only the log knows its value."""

OF_THE_LOG = frozenset({"origin", "version", "amended"})
"""Columns that the host does not have, so that a change in the host cannot explain them."""


class Causes:
    """Explains the mismatches of one table."""

    def __init__(self, log: LogIndex, table: ExpectedTable, derives: Set[Origin]) -> None:
        self.log = log
        self.table = table
        self.derives = derives
        self.legacy = next(
            t for t in TABLES.values() if t.subject == table.subject and t.origin == "legacy"
        )

    def explain(self, mismatches: Sequence[Mismatch], tally: Tally) -> Iterator[Difference]:
        """The differences in these rows; `tally` gets their counts."""
        streams = {m.id: stream for m in mismatches if (stream := self._stream(m)) is not None}
        entries = self.log.streams(list(streams.values()))
        for mismatch in mismatches:
            stream = streams.get(mismatch.id)
            by_log = None
            if stream in entries:
                by_log = cells_from_log(
                    self.table, entries[stream], self._shift(mismatch.id), stream
                )
            differences = list(self._row(mismatch, by_log))
            self._count(mismatch, differences, tally)
            yield from differences

    def _row(self, row: Mismatch, by_log: Cells | None) -> Iterator[Difference]:
        if row.misfit is not None:
            yield from self._unfit(row, row.misfit, by_log)
        elif row.expected is None:
            known = by_log is not None and UNFIT not in by_log
            yield self._whole(row, "host_changed" if known else "projection_wrong")
        elif row.found is None:
            # Not in the log, or withheld because of the host's values then: import again.
            # Rows recorded here are always in the log.
            imported = by_log is not None and UNFIT not in by_log
            wrong = imported or self._is_recorded(row.id)
            yield self._whole(row, "projection_wrong" if wrong else "host_changed")
        else:
            yield from self._columns(row, row.expected, row.found, by_log)

    def _unfit(
        self, row: Mismatch, misfit: CellViolation, by_log: Cells | None
    ) -> Iterator[Difference]:
        """The row fits no table; if it is in one, that is a second difference."""
        column = self.table.columns[misfit.column]
        found = cell_value(row.found[misfit.column]) if row.found else None
        said = _shown(misfit.value)
        if self.table.rules[misfit.column].holds.kind == "time":
            said = _with_a_t(said)
        yield Difference(self.table.label, row.id, column, said, found, "quarantined", misfit)
        if row.found is not None:
            stood = by_log == row.found
            yield self._whole(
                row._replace(expected=None), "host_changed" if stood else "projection_wrong"
            )

    def _columns(
        self, row: Mismatch, expected: Cells, found: Cells, by_log: Cells | None
    ) -> Iterator[Difference]:
        for number, column in enumerate(self.table.columns):
            if expected[number] == found[number]:
                continue
            cause: Cause = "projection_wrong"
            if by_log is not None and found[number] == by_log[number]:
                cause = self._cause_of_agreement(row, column, expected, by_log)
            yield Difference(
                self.table.label,
                row.id,
                column,
                cell_value(expected[number]),
                cell_value(found[number]),
                cause,
            )

    def _cause_of_agreement(
        self, row: Mismatch, column: str, expected: Cells, by_log: Cells
    ) -> Cause:
        """The cause if the table agrees with the log but not with the expected value."""
        if column in OF_THE_LOG:
            return "projection_wrong"
        if column == DERIVED and self._origin(row.id) in self.derives:
            backup = self.table.columns.index("source_backup_id")
            if expected[backup] == by_log[backup]:
                return "projection_wrong"
        return "host_changed"

    def _whole(self, row: Mismatch, cause: Cause) -> Difference:
        """The difference of a row that is missing or unexpected; its key represents it."""
        name = self.table.columns.index("name")
        pk = cell_value(row.found[0]) if row.found else row.id
        said, shown = (
            cell_value(cells[name]) if cells else None for cells in (row.expected, row.found)
        )
        return Difference(self.table.label, pk, "", said, shown, cause)

    def _count(self, row: Mismatch, differences: list[Difference], tally: Tally) -> None:
        if row.misfit is None or row.found is not None:
            if row.expected is None or row.misfit is not None:
                tally.unexpected += 1
            elif row.found is None:
                tally.missing += 1
            else:
                tally.differing += 1
        tally.host_changed += any(d.cause == "host_changed" for d in differences)

    def _is_recorded(self, id_: int) -> bool:
        return id_ >= 2 * self.log.id_offset

    def _origin(self, id_: int) -> Origin:
        return "legacy" if self._is_shifted(id_) else self.table.origin

    def _is_shifted(self, id_: int) -> bool:
        """Whether this is the shifted id of a legacy row in a consolidated table."""
        return id_ >= self.log.id_offset and self.table.origin == "consolidated"

    def _shift(self, id_: int) -> int:
        return self.log.id_offset if self._is_shifted(id_) else 0

    def _stream(self, row: Mismatch) -> str | None:
        """The stream of the host's row with this id; None for rows recorded here."""
        if self._is_recorded(row.id):
            return None
        table = self.legacy if self._is_shifted(row.id) else self.table
        key = row.id - self._shift(row.id)
        return stream_ids(self.log.host, table.name, [key])[0]


def _shown(said: object) -> object:
    """A value of any type, for a person."""
    if isinstance(said, Tagged):
        return said.v
    if said is None or isinstance(said, bool | int | str):
        return said
    return said.hex() if isinstance(said, bytes) else str(said)


def _with_a_t(time: object) -> object:
    """MySQL's `0000-00-00 00:00:00` in the form read from the host, not that of the log."""
    return re.sub(r"^(\d{4}-\d\d-\d\d) ", r"\1T", time) if isinstance(time, str) else time
