"""The comparison of each moved legacy row with its copy in the host's consolidated table."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from domain.backups.events import HostBackupRow
from domain.restores.events import HostRow
from projections.verification.actual.readers import SnapshotReader
from projections.verification.cells import NULL, Cells, cell, cell_value
from projections.verification.differences import Difference
from projections.verification.expected.amendments import value_cell
from projections.verification.expected.from_log import CopyChanged, logged_cells, standing_row
from projections.verification.expected.from_moved_host import PairSide
from projections.verification.expected.moved_rows import FIRST, CopiedRows, pair_of_tables
from projections.verification.expected.schema import ExpectedTable, Subject
from projections.verification.expected.sources import first_logged, logged_source
from projections.verification.identity import stream_ids
from projections.verification.log_index import Entry, LogIndex

BACKUP, TARGET, EXTRA = "source_backup_id", "target_database", "extra"
EMPTY = cell("t", "")
AT_ONCE = 500
SIZE = 16
HERE = ("id", "origin", "version", "amended", "restore_id", "backup_id", "created_by_username")
"""Columns that belong to the row here: two rows of the host never share them."""

Logged = HostRow | HostBackupRow


class RowSaid(NamedTuple):
    """What a row says, apart from its target database: a digest; and its own target, as cells."""

    rest: bytes
    target: str


@dataclass
class CopyComparison:
    """Compares the pairs of one subject, and adds what it finds to `moved`."""

    host: SnapshotReader
    log: LogIndex
    zone: ZoneInfo | None
    moved: CopiedRows
    subject: Subject
    retired: bool
    found: list[Difference] = field(default_factory=list)
    """A difference for each copy that the log does not know so."""

    def __post_init__(self) -> None:
        self.legacy, self.consolidated = pair_of_tables(self.subject)
        self.pairs = self.moved.of(self.legacy)
        self.copies = self._part(self.consolidated)
        self.originals = None if self.retired else self._part(self.legacy)
        self.numbers = [
            number
            for number, rule in enumerate(self.consolidated.rules)
            if rule.column not in (*HERE, BACKUP, TARGET, EXTRA) and self._is_shared(rule.column)
        ]

    def _part(self, of: ExpectedTable) -> PairSide:
        return PairSide(
            self.host, self.log, into=self.consolidated, of=of, zone=self.zone, moved=self.moved
        )

    def _is_shared(self, column: str) -> bool:
        """Whether both rows of a pair say something in this column."""
        theirs = self.copies.fills.get(column, ())
        if self.subject == "restore" or not theirs:
            return bool(theirs)
        if self.originals is not None:
            return bool(self.originals.fills.get(column, ()))
        choice = (self.log.choices or {}).get(self.legacy.label, {}).get(column)
        return choice is None or bool(choice.sources)

    def run(self) -> list[Difference]:
        """Compare all pairs; returns the differences that an import would remove."""
        sides: list[RowSaid | None] = [None] * len(self.pairs)
        alike: dict[str, str] = {}
        for key, cells in _rows(self.originals) if self.originals is not None else ():
            number = self.pairs.number(key - self.log.id_offset)
            assert number is not None, "only moved rows are read"
            said = self._said(cells, number, original=True)
            sides[number] = said._replace(target=alike.setdefault(said.target, said.target))
        seen = bytearray(len(self.pairs))
        waiting: list[tuple[int, Cells]] = []
        orphans = array("q")
        for key, cells in _rows(self.copies):
            number = self.pairs.number_of_copy(key)
            assert number is not None, "only copies are read"
            seen[number] = 1
            waiting.append((number, cells))
            if len(waiting) >= AT_ONCE:
                self._settle(waiting, sides, orphans)
        self._settle(waiting, sides, orphans)
        self.moved.orphans[self.subject] = array("q", sorted(orphans))
        self.moved.by_copy.setdefault(self.subject, set()).update(orphans)
        gone = [number for number, there in enumerate(seen) if not there]
        if self.retired:
            missing = self._note_missing(gone)
        else:
            # If the legacy row is gone, too, there is nothing to move.
            missing = sum(sides[number] is not None for number in gone)
        self.moved.count_not_moved(self.subject, missing)
        return self.found

    def _settle(
        self,
        waiting: list[tuple[int, Cells]],
        sides: Sequence[RowSaid | None],
        orphans: "array[int]",
    ) -> None:
        open_ = [
            (number, cells, copy)
            for number, cells in waiting
            if (copy := self._said(cells, number)) != sides[number]
            or self._stream(number) in self._touched
        ]
        waiting.clear()
        entries = self.log.streams([self._stream(number) for number, *_ in open_])
        for number, cells, copy in open_:
            side = sides[number]
            known = entries.get(self._stream(number), [])
            if side is None and not self.retired:
                orphans.append(self.pairs.legacy[number])
            self._judge(number, side, cells, copy, known)

    def _judge(
        self,
        number: int,
        side: RowSaid | None,
        cells: Cells,
        copy: RowSaid,
        entries: Sequence[Entry],
    ) -> None:
        """Explain one pair by the log, or add a difference."""
        rows = [event for _, event in entries if isinstance(event, Logged)]
        told = max((n for n, row in enumerate(rows) if isinstance(row, CopyChanged)), default=0)
        since = rows[told:]
        later = [row for row in since if not isinstance(row, CopyChanged)]
        own = [row for row in rows if not isinstance(row, CopyChanged)]
        touched = bool(rows) and isinstance(rows[-1], CopyChanged)
        copy_known = any(self._same(self._said_in(row, number), copy, [row]) for row in since)
        legacy_known = side is None or (bool(own) and self._said_in(own[-1], number) == side)
        if touched and copy_known and legacy_known:
            self.moved.touched.add(self._stream(number))
            self.moved.by_copy.setdefault(self.subject, set()).add(self.pairs.legacy[number])
        elif legacy_known and copy_known:
            pass  # The copy waits for the next move, or the legacy row is gone.
        elif side is not None and self._same(side, copy, own):
            pass  # Both were changed in the same way: the rows themselves differ from the log.
        elif not legacy_known and copy_known and not touched:
            pass
        else:
            apart = not legacy_known or (side is not None and self._lacks_the_last(later, cells))
            self._add(number, cells, rows[-1:], conflict=apart)

    def _lacks_the_last(self, own: Sequence[Logged], cells: Cells) -> bool:
        """Whether the copy has more of the legacy row's last but one values than of its last."""
        if len(own) < 2:
            return False
        shift = self.log.id_offset
        before, after = (logged_cells(self.consolidated, row, shift) for row in own[-2:])
        changed = [n for n in self.numbers if before[n] != after[n]]
        earlier = sum(cells[n] == before[n] for n in changed)
        return earlier > sum(cells[n] == after[n] for n in changed)

    def _same(self, side: RowSaid, copy: RowSaid, own: Sequence[Logged]) -> bool:
        if side.rest != copy.rest:
            return False
        derived = self._derived(own[-1]) if own else ""
        return copy.target == side.target or (side.target == EMPTY and copy.target == derived)

    def _derived(self, row: Logged) -> str:
        """The target database that the consolidated table shows for an empty one."""
        if self.subject == "backup":
            return ""
        cells = logged_cells(self.consolidated, row, self.log.id_offset)
        return cells[self.consolidated.numbers[TARGET]]

    def _said_in(self, row: Logged, number: int) -> RowSaid:
        """What an event says of a pair, in the same form as a row of the host."""
        cells = logged_cells(self.consolidated, row, self.log.id_offset)
        said = self._said(cells, number, original=True)
        if self.subject == "backup" or not self.copies.fills[TARGET]:
            return said
        rule = self.consolidated.rules[self.consolidated.numbers[TARGET]]
        own = first_logged(row.columns, logged_source(rule, row.origin, row.sources))
        return said._replace(target=value_cell(rule.holds, "" if own is None else own))

    def _said(self, cells: Cells, number: int, *, original: bool = False) -> RowSaid:
        """What the `original` or the copy of a pair says."""
        parts = [_or_null(cells[place]) for place in self.numbers]
        target = ""
        if self.subject == "restore":
            if self.copies.fills[BACKUP] and self.pairs.copies[number] not in self.moved.declared:
                backup = cells[self.consolidated.numbers[BACKUP]]
                parts.append(self._backup(backup, original=original))
            if self.copies.fills[TARGET]:
                target = cells[self.consolidated.numbers[TARGET]]
        parts.append(self._further(cells[self.consolidated.numbers[EXTRA]]))
        joined = "".join(parts).encode("utf-8", "surrogateescape")
        return RowSaid(sha256(joined).digest()[:SIZE], target)

    def _backup(self, named: str, *, original: bool) -> str:
        """The backup of a row: of a moved one, the legacy backup's id here."""
        key = cell_value(named)
        backups = self.moved.pairs["backup"]
        offset = self.log.id_offset
        if key is None:
            return NULL
        if original:
            moved = key < offset or backups.number(key - offset) is not None
            return named if moved else NULL
        number = backups.number_of_copy(key)
        return named if number is None else cell("i", str(offset + backups.legacy[number]))

    def _further(self, extra: str) -> str:
        """The host's own columns that both tables have, as JSON."""
        names = self._further_names
        if not names:
            return ""
        said = msgspec.json.decode(extra.partition(":")[2].encode())
        return msgspec.json.encode([said.get(name) for name in names]).decode()

    @property
    def _further_names(self) -> list[str]:
        theirs = {column.name for column in self.copies.extras}
        if self.originals is None:
            return []
        return sorted(theirs & {column.name for column in self.originals.extras})

    @property
    def _touched(self) -> set[str]:
        return self.log.copies_changed

    def _stream(self, number: int) -> str:
        return stream_ids(self.log.host, self.legacy.name, [self.pairs.legacy[number]])[0]

    def _add(self, number: int, cells: Cells, told: Sequence[Logged], *, conflict: bool) -> None:
        """Add the columns in which a copy is not what the log told last."""
        legacy, copy = self.pairs.legacy[number], self.pairs.copies[number]
        label, here = self.consolidated.label, legacy + self.log.id_offset
        known = [logged_cells(self.consolidated, row, self.log.id_offset) for row in told]
        columns = [n for n in self.numbers if known and known[0][n] != cells[n]]
        for n in columns:
            column = self.consolidated.columns[n]
            values = cell_value(cells[n]), cell_value(known[0][n])
            self.found.append(Difference(label, here, column, *values, "host_changed"))
        if not columns:
            name = cell_value(cells[self.consolidated.numbers["name"]])
            self.found.append(Difference(label, here, "", name, None, "host_changed"))
        if conflict and len(self.moved.conflicts) < FIRST:
            self.moved.conflicts.append((label, legacy, copy))

    def _note_missing(self, numbers: Sequence[int]) -> int:
        """Add a difference for each copy that is gone, after the legacy tables were retired, if
        the log still has its row. Returns how many."""
        before = len(self.found)
        for start in range(0, len(numbers), AT_ONCE):
            some = numbers[start : start + AT_ONCE]
            entries = self.log.streams([self._stream(number) for number in some])
            for number in some:
                row = standing_row(entries.get(self._stream(number), []))
                if row is not None:
                    cells = logged_cells(self.consolidated, row, self.log.id_offset)
                    here = self.pairs.legacy[number] + self.log.id_offset
                    name = cell_value(cells[self.consolidated.numbers["name"]])
                    label = self.consolidated.label
                    self.found.append(Difference(label, here, "", None, name, "host_changed"))
        return len(self.found) - before


def _or_null(one: str) -> str:
    """A cell; an empty text as null, since only one of the tables may allow null."""
    return NULL if one == EMPTY else one


def _rows(part: PairSide) -> Iterator[tuple[int, Cells]]:
    for chunk in part.chunks():
        for n, key in enumerate(chunk.ids):
            yield key, chunk.cells(n)


def compare_copies(
    host: SnapshotReader,
    log: LogIndex,
    zone: ZoneInfo | None,
    moved: CopiedRows,
    *,
    retired: bool,
) -> dict[str, list[Difference]]:
    """Compare all pairs; the differences by the label of the consolidated table."""
    found: dict[str, Any] = {}
    for subject in ("backup", "restore"):
        comparison = CopyComparison(host, log, zone, moved, subject, retired)
        if len(comparison.pairs):
            found[comparison.consolidated.label] = comparison.run()
    return found
