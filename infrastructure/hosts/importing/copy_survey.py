"""The survey of moved rows: what happened since to each legacy row and to its copy.

A side has changed if it no longer says what the log last heard of it. A copy that says what the
legacy row said earlier has not been changed: it waits for the host's next move. If both sides were
changed, and differently, nobody but the host's people can say which is right.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from domain.events import Event
from domain.values import Columns, Value
from infrastructure.hosts.errors import MovedRowsConflict, MovedRowsUnclear
from infrastructure.hosts.importing.copies import CopyChanged, Said, SharedColumns
from infrastructure.hosts.importing.row_digests import same_host_row
from infrastructure.hosts.importing.row_encoder import ReadRow
from infrastructure.hosts.moved_rows import MOVED, MovedPairs
from infrastructure.hosts.tables import HostTable

AT_ONCE = 500
NAMED = 10
DIGEST = 16
KEY = "id"
NO_BACKUP = -1


class LegacySide(Enum):
    """A legacy row beside its copy: not there, as the log knows it, or changed since."""

    ABSENT = 0
    KNOWN = 1
    NEW = 2


class Verdict(Enum):
    """What a pair needs: nothing for the copy, an event for it, or a decision."""

    NOTHING = 0
    COPY_CHANGED = 1
    CONFLICT = 2


def verdict(
    history: Sequence[Event],
    copy: Columns,
    legacy: LegacySide,
    shared: SharedColumns,
    *,
    in_step: bool,
) -> Verdict:
    """The verdict on one pair. `in_step` is whether both rows say the same now."""
    rows = [event for event in history if isinstance(event, Said)]
    last = max((n for n, row in enumerate(rows) if isinstance(row, CopyChanged)), default=None)
    since = [row for row in rows[last or 0 :] if not isinstance(row, CopyChanged)]
    told = rows[last] if last is not None else None
    known = (isinstance(told, CopyChanged) and _same_copy(told.copy_columns, copy)) or any(
        shared.agrees(row, copy) for row in since
    )
    if legacy is LegacySide.NEW:
        touched = last is not None and not since
        return Verdict.CONFLICT if not in_step and (touched or not known) else Verdict.NOTHING
    if known:
        return Verdict.NOTHING
    if legacy is LegacySide.KNOWN and len(since) > 1 and _lacks_the_last(since, copy, shared):
        return Verdict.CONFLICT
    return Verdict.COPY_CHANGED


def _same_copy(known: Columns, copy: Columns) -> bool:
    """Whether a copy says what an event says of it; its id may be another after a new move."""
    return {**known, KEY: None} == {**copy, KEY: None}


def _lacks_the_last(since: Sequence[Said], copy: Columns, shared: SharedColumns) -> bool:
    """Whether a changed copy never had the legacy row's last change: of the values that changed
    then, it has more of the earlier ones than of the later."""
    before, after = since[-2], since[-1]
    earlier = later = 0
    for one in shared.fields(tuple(after.columns)):
        was, now = (shared.legacy_value(row.columns, one) for row in (before, after))
        if was != now:
            said = shared.copy_value(copy, one)
            earlier, later = earlier + (said == was), later + (said == now)
    return earlier > later


class EntriesInOrder:
    """The index's entries for a table, asked for in order of the rows' keys."""

    def __init__(self, known: Iterator[tuple[int, bytes | None]]) -> None:
        self._known = known
        self._entry = next(known, None)

    def digest(self, key: int) -> bytes | None:
        """What the log heard last of this row; None if it does not know it."""
        while self._entry is not None and self._entry[0] < key:
            self._entry = next(self._known, None)
        return self._entry[1] if self._entry is not None and self._entry[0] == key else None


@dataclass
class CopySurvey:
    """The survey of the pairs of one legacy and one consolidated table.

    `changed` has the ids of the copies that need an event. `standing` has, by the number of a pair,
    whether its copy is in the host. `not_moved`, `lost` and `waiting` are legacy ids: of rows that
    have no copy yet, that have none any more, and whose copies lack their last change. `unchanged`
    are the names of the tables in which every row is as the log knows it.
    """

    legacy: HostTable
    consolidated: HostTable
    pairs: MovedPairs
    standing: bytearray = field(default_factory=bytearray)
    changed: set[int] = field(default_factory=set)
    not_moved: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    unchanged: set[str] = field(default_factory=set)

    def see_copies(self, keys: Iterator[int]) -> None:
        """Note which copies are in the host, by all keys of the consolidated table."""
        self.standing = bytearray(len(self.pairs))
        for key in keys:
            number = self.pairs.number_of_copy(key)
            if number is not None:
                self.standing[number] = 1

    def originals(self, *, standing: bool) -> Iterator[int]:
        """The legacy ids of the pairs whose copies are in the host, or are not; lowest first."""
        for number, there in enumerate(self.standing):
            if bool(there) is standing:
                yield self.pairs.legacy[number]

    def judge(
        self,
        legacy_rows: Iterator[tuple[ReadRow, Columns, str]],
        known: Iterator[tuple[int, bytes | None]],
        copies: Iterator[tuple[ReadRow, Columns]],
        known_copies: Iterator[tuple[int, bytes | None]],
        shared: SharedColumns,
        histories: Callable[[Sequence[int]], dict[int, list[Event]]],
        touched: set[int],
    ) -> None:
        """Compare all pairs. Raises `MovedRowsConflict`, or `MovedRowsUnclear` for a legacy id that
        nobody knows.

        `legacy_rows` are the rows of the legacy table, if it is still imported: as read, by name,
        and with their backup's database. `known` has the index's entries for it. `copies` are the
        rows of the consolidated table, and `known_copies` its entries. `histories` has the events
        of restores by their legacy ids; `touched` are those whose copies have events.
        """
        self.unchanged = {self.legacy.name, self.consolidated.name}
        sides = bytearray(len(self.pairs))
        digests = bytearray(DIGEST * len(self.pairs))
        targets: list[tuple[Value, ...]] = [()] * len(self.pairs)
        backups = array("q", bytes(8 * len(self.pairs)))
        names = self._see_legacy(legacy_rows, known, shared, sides, digests, targets, backups)
        conflicts: list[tuple[int, int]] = []
        waiting: list[tuple[int, Columns, bool]] = []

        def settle() -> None:
            found = histories([self.pairs.legacy[number] for number, *_ in waiting])
            for number, copy, in_step in waiting:
                legacy, key = self.pairs.legacy[number], self.pairs.copies[number]
                side = LegacySide(sides[number])
                if side is LegacySide.ABSENT and not found.get(legacy):
                    raise MovedRowsUnclear(
                        MOVED,
                        f"it says that row {key} of {self.consolidated.name} is a copy of row "
                        f"{legacy} of {self.legacy.name}, which neither the host nor the log has",
                    )
                history = found.get(legacy, [])
                match verdict(history, copy, side, shared, in_step=in_step):
                    case Verdict.NOTHING:
                        told = next((e for e in reversed(history) if isinstance(e, Said)), None)
                        ahead = side is LegacySide.NEW or not isinstance(told, CopyChanged)
                        if side is not LegacySide.ABSENT and not in_step and ahead:
                            self.waiting.append(legacy)
                    case Verdict.CONFLICT:
                        conflicts.append((legacy, key))
                    case Verdict.COPY_CHANGED:
                        self.changed.add(key)
            waiting.clear()

        entries = EntriesInOrder(known_copies)
        for row, copy in copies:
            number = self.pairs.number_of_copy(row.key)
            if number is None:
                if entries.digest(row.key) != row.digest:
                    self.unchanged.discard(self.consolidated.name)
                continue
            place = slice(DIGEST * number, DIGEST * (number + 1))
            in_step = (
                names is not None
                and shared.target_of_copy(copy) in targets[number]
                and shared.has_backup(copy, backups[number])
                and digests[place] == shared.digest_of_copy(copy, names)
            )
            if in_step and self.pairs.legacy[number] not in touched:
                continue
            waiting.append((number, copy, in_step))
            if len(waiting) >= AT_ONCE:
                settle()
        settle()
        if self.changed:
            self.unchanged.discard(self.consolidated.name)
        if conflicts:
            raise MovedRowsConflict(self.legacy.name, len(conflicts), sorted(conflicts)[:NAMED])

    def _see_legacy(
        self,
        rows: Iterator[tuple[ReadRow, Columns, str]],
        known: Iterator[tuple[int, bytes | None]],
        shared: SharedColumns,
        sides: bytearray,
        digests: bytearray,
        targets: list[tuple[Value, ...]],
        backups: "array[int]",
    ) -> tuple[str, ...] | None:
        """Note each moved legacy row; returns the columns' names, None if there are no rows."""
        names = None
        alike: dict[tuple[Value, ...], tuple[Value, ...]] = {}
        entries = EntriesInOrder(known)
        for row, columns, database in rows:
            names = names or tuple(columns)
            heard = entries.digest(row.key)
            if heard != row.digest:
                self.unchanged.discard(self.legacy.name)
            number = self.pairs.number(row.key)
            if number is None:
                self.not_moved.append(row.key)
                continue
            if not self.standing[number]:
                self.lost.append(row.key)
            same = same_host_row(heard, row.digest)
            sides[number] = (LegacySide.KNOWN if same else LegacySide.NEW).value
            place = slice(DIGEST * number, DIGEST * (number + 1))
            digests[place] = shared.digest_of_legacy(columns)
            told = shared.targets_of_legacy(columns, database)
            targets[number] = alike.setdefault(told, told)
            backup = shared.legacy_backup(columns)
            backups[number] = backup if type(backup) is int else NO_BACKUP
        return names
