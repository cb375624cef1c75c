"""The rows that a migration of the host moved: verification's own reading of the host's record.

The host's table `restorelog_moved_row` says which row of a consolidated table is the copy of which
legacy row. A copy has no row of its own here. Both rows must say the same, or the log must say why
they do not.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from projections.verification.actual.readers import SnapshotReader
from projections.verification.errors import CannotVerify
from projections.verification.expected.schema import TABLES, ExpectedTable, Origin, Subject

RECORD: Final = "restorelog_moved_row"
FIRST: Final = 100
"""So many conflicts are kept by id."""


class Copied(NamedTuple):
    """The ids of a legacy row and of its copy."""

    legacy: int
    copy: int


class CopiedPairs:
    """The pairs of one subject, in order of the legacy ids."""

    def __init__(self, pairs: Sequence[Copied] = ()) -> None:
        self.legacy = array("q", [pair.legacy for pair in pairs])
        self.copies = array("q", [pair.copy for pair in pairs])
        self._numbers = array("q", sorted(range(len(pairs)), key=self.copies.__getitem__))
        self._by_copy = array("q", [self.copies[number] for number in self._numbers])

    def __len__(self) -> int:
        return len(self.legacy)

    def number(self, legacy: Any) -> int | None:
        """The number of the pair with this legacy id; None if that row was not moved."""
        return _place_of(self.legacy, legacy)

    def number_of_copy(self, copy: Any) -> int | None:
        """The number of the pair with this copy; None if it is not one."""
        place = _place_of(self._by_copy, copy)
        return None if place is None else self._numbers[place]


@dataclass
class CopiedRows:
    """The host's record, by subject, and what the comparison of the pairs found.

    `touched` are the streams whose row is the copy's, by the log; `orphans` are the legacy ids of
    the rows of which only the copy is left; `conflicts` are pairs of which both rows were changed.
    """

    pairs: dict[Subject, CopiedPairs]
    declared: set[int] = field(default_factory=set)
    """The ids of restores that are copies only by declaration: their backups may be any."""
    further: set[int] = field(default_factory=set)
    """Declared copies of rows that have another copy, which is the one that counts."""
    touched: set[str] = field(default_factory=set)
    orphans: dict[Subject, "array[int]"] = field(default_factory=dict)
    conflicts: list[tuple[str, int, int]] = field(default_factory=list)
    """The label of the consolidated table, the legacy id and the copy's id of the first."""
    by_copy: dict[Subject, set[int]] = field(default_factory=dict)
    """The legacy ids of the rows that are as their copies say, by the log."""
    copies: dict[str, list[list[int]]] = field(default_factory=dict)
    """The ids of the copies that were read, as runs of first and last, by the host's table."""
    not_moved: dict[Subject, int] = field(default_factory=dict)
    """How many legacy rows have no copy in the host, or had one that is gone."""

    @property
    def complete(self) -> bool:
        """Whether the host's consolidated table has all its legacy restores."""
        return not any(self.not_moved.values())

    def read_copy(self, table: ExpectedTable, key: int) -> None:
        """Note a copy; they are read in order of their ids."""
        runs = self.copies.setdefault(table.name, [])
        if runs and runs[-1][1] == key - 1:
            runs[-1][1] = key
        else:
            runs.append([key, key])

    def count_not_moved(self, subject: Subject, rows: int) -> None:
        self.not_moved[subject] = self.not_moved.get(subject, 0) + rows

    def of(self, table: ExpectedTable) -> CopiedPairs:
        return self.pairs.get(table.subject, NO_PAIRS)

    def is_copy(self, table: ExpectedTable, key: Any) -> bool:
        """Whether the row of this host table with this key is a copy."""
        if table.subject == "restore" and table.origin == "consolidated" and key in self.further:
            return True
        return table.origin == "consolidated" and self.of(table).number_of_copy(key) is not None


NO_PAIRS: Final = CopiedPairs()


def moved_rows(host: SnapshotReader, same: Mapping[int, int]) -> CopiedRows | None:
    """The host's record, and the restores that were declared to be the `same`: legacy ids by the
    ids of the copies. None if there are neither. Raises `CannotVerify` if the record is odd."""
    recorded = _recorded(host) if host.columns(RECORD) else {}
    if not recorded and not same:
        return None
    restores = {pair.legacy: pair.copy for pair in recorded.get("restore", ())}
    known, declared, further = set(restores.values()), set(), set()
    for copy, legacy in same.items():
        if copy in known:
            continue
        if legacy in restores:
            further.add(copy)
        else:
            restores[legacy] = copy
            declared.add(copy)
    of_restores = [Copied(*pair) for pair in sorted(restores.items())]
    pairs: dict[Subject, CopiedPairs] = {
        "restore": CopiedPairs(of_restores),
        "backup": CopiedPairs(recorded.get("backup", ())),
    }
    return CopiedRows(pairs, declared=declared, further=further)


def _recorded(host: SnapshotReader) -> dict[Subject, list[Copied]]:
    pairs: dict[Subject, list[Copied]] = {"restore": [], "backup": []}
    for kind, legacy, copy in host.rows(
        f"SELECT kind, legacy_id, consolidated_id FROM {RECORD} ORDER BY kind, legacy_id"
    ):
        if kind not in pairs:
            raise CannotVerify(f"{RECORD} has a row of the kind {kind!r:.40}.")
        pairs[kind].append(Copied(_key(legacy), _key(copy)))
    for subject, some in pairs.items():
        for side in Copied._fields:
            if len({getattr(pair, side) for pair in some}) < len(some):
                raise CannotVerify(f"{RECORD} names a {subject} twice, by its {side} id.")
    return pairs


def pair_of_tables(subject: Subject) -> tuple[ExpectedTable, ExpectedTable]:
    """The legacy and the consolidated table of a subject."""
    by_origin: dict[Origin, ExpectedTable] = {
        table.origin: table for table in TABLES.values() if table.subject == subject
    }
    return by_origin["legacy"], by_origin["consolidated"]


def between(orphans: Sequence[int], after: int, upto: int) -> Iterator[int]:
    """Those of these ids, which are in order, after one and up to another."""
    place = bisect_left(orphans, after + 1)
    while place < len(orphans) and orphans[place] <= upto:
        yield orphans[place]
        place += 1


def _place_of(ordered: "array[int]", key: Any) -> int | None:
    if key.__class__ is not int:
        return None
    place = bisect_left(ordered, key)
    return place if place < len(ordered) and ordered[place] == key else None


def _key(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if value.__class__ is not int or not 0 <= value < 2**63:
        raise CannotVerify(f"{RECORD} has the id {value!r:.40}.")
    key: int = value
    return key
