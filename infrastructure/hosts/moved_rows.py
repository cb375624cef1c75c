"""The host's own record of the legacy rows that its migration copied into its consolidated tables.

The migration gives each copy a new id there, and writes which legacy row it is a copy of. A host
without that record has moved nothing. A second record names the consolidated table's own rows into
which the migration wrote a target database that this service had derived.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Final

from infrastructure.hosts.errors import MovedRowsUnclear
from infrastructure.hosts.readers.base import Reader
from infrastructure.hosts.tables import HostTable

MOVED: Final = "restorelog_moved_row"
FILLED: Final = "restorelog_filled_row"
RESTORE, BACKUP = "restore", "backup"
BIGGEST = 2**63 - 1


Filled = Mapping[int, tuple[str, str | None]]
"""By a restore's id: the target database that was written, and the one before it."""


class MovedPairs:
    """The moved rows of one kind: the ids of each legacy row and of its copy, numbered by the
    legacy id."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        ordered = sorted(pairs)
        self.legacy = array("q", [legacy for legacy, _ in ordered])
        self.copies = array("q", [copy for _, copy in ordered])
        self._numbers = array("q", sorted(range(len(ordered)), key=self.copies.__getitem__))
        self._by_copy = array("q", [self.copies[number] for number in self._numbers])

    def __len__(self) -> int:
        return len(self.legacy)

    def number(self, legacy: object) -> int | None:
        """The number of this legacy row; None if it was not moved."""
        return _found(self.legacy, legacy)

    def number_of_copy(self, copy: object) -> int | None:
        """The number of the pair with this copy; None if no row's copy has that id."""
        place = _found(self._by_copy, copy)
        return None if place is None else self._numbers[place]

    def original(self, copy: object) -> int | None:
        """The legacy id of this copy; None if it is a row of its own."""
        number = self.number_of_copy(copy)
        return None if number is None else self.legacy[number]


@dataclass(frozen=True)
class MovedRows:
    """What the host's records say. `began` is whether a migration of the host has made them.

    `filled` has, by the id of a restore in the consolidated table, the target database that the
    migration wrote into it, and what was there before.
    """

    began: bool = False
    restores: MovedPairs = field(default_factory=MovedPairs)
    backups: MovedPairs = field(default_factory=MovedPairs)
    filled: Filled = field(default_factory=dict)
    declared: frozenset[int] = frozenset()
    """The ids of restores that are copies only because somebody declared them to be."""
    further: frozenset[int] = frozenset()
    """Declared copies of rows that have another copy, which is the one that counts."""

    def with_declared(self, same: Mapping[int, int]) -> "MovedRows":
        """The same with the declared copies: legacy ids by the ids of the copies."""
        pairs = dict(zip(self.restores.legacy, self.restores.copies, strict=True))
        recorded = set(pairs.values())
        declared, further = set(), set()
        for copy, legacy in same.items():
            if copy in recorded:
                continue
            if legacy in pairs:
                further.add(copy)
            else:
                pairs[legacy] = copy
                declared.add(copy)
        return replace(
            self,
            restores=MovedPairs(pairs.items()),
            declared=frozenset(declared),
            further=frozenset(further),
        )

    def pairs(self, table: HostTable) -> MovedPairs:
        """The moved rows of the kind that this table holds."""
        return self.backups if table.holds_backups else self.restores


def read_moved_rows(reader: Reader) -> MovedRows:
    """The records of this host. Raises `MovedRowsUnclear` if they cannot be understood."""
    if reader.table(MOVED) is None:
        return MovedRows()
    pairs: dict[str, list[tuple[int, int]]] = {RESTORE: [], BACKUP: []}
    for kind, legacy, copy in _rows(reader, MOVED, ("kind", "legacy_id", "consolidated_id")):
        if kind not in pairs:
            raise MovedRowsUnclear(MOVED, f"it has a row of the kind {kind!r:.40}")
        pairs[kind].append((_key(legacy), _key(copy)))
    for kind, of_kind in pairs.items():
        for place, side in enumerate(("legacy_id", "consolidated_id")):
            twice = _twice([pair[place] for pair in of_kind])
            if twice is not None:
                raise MovedRowsUnclear(MOVED, f"it names the {kind} with {side} {twice} twice")
    filled = {}
    if reader.table(FILLED) is not None:
        for key, value, *was in _rows(reader, FILLED, _filled_columns(reader)):
            before = was[0] if was else ""
            filled[_key(key, FILLED)] = (str(value), None if before is None else str(before))
    return MovedRows(True, MovedPairs(pairs[RESTORE]), MovedPairs(pairs[BACKUP]), filled)


def _filled_columns(reader: Reader) -> tuple[str, ...]:
    """The columns to read; what was there before may be left out, and was empty then."""
    found = reader.table(FILLED)
    more = ("was",) if found is not None and found.has("was") else ()
    return ("consolidated_id", "target_database", *more)


def _rows(reader: Reader, table: str, columns: tuple[str, ...]) -> list[Any]:
    found = reader.table(table)
    lacking = [name for name in columns if found is None or not found.has(name)]
    if lacking:
        raise MovedRowsUnclear(table, f"it lacks {', '.join(lacking)}")
    return list(reader.plain_rows(table, columns))


def _key(value: object, table: str = MOVED) -> int:
    """An id, which a driver may give as text."""
    text = value if isinstance(value, str) else str(value) if type(value) is int else ""
    if text.isascii() and text.isdigit() and int(text) <= BIGGEST:
        return int(text)
    raise MovedRowsUnclear(table, f"it has the id {value!r:.40}")


def _twice(keys: list[int]) -> int | None:
    """A key that occurs more than once."""
    if len(set(keys)) == len(keys):
        return None
    keys = sorted(keys)
    return next(a for a, b in pairwise(keys) if a == b)


def _found(ordered: "array[int]", key: object) -> int | None:
    if type(key) is not int or not ordered:
        return None
    place = bisect_left(ordered, key)
    return place if place < len(ordered) and ordered[place] == key else None
