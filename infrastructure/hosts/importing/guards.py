"""Checks that refuse an import. All of them run before anything is recorded."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from infrastructure.hosts.errors import (
    KeyColumnNotInteger,
    KeyNotInteger,
    KeyTooLarge,
    LegacyTablesGone,
    MissingColumns,
    NotAHost,
    TooManyVanished,
)
from infrastructure.hosts.importing.row_digests import checksum_part
from infrastructure.hosts.readers.base import Extent, Reader
from infrastructure.hosts.schema import TableSchema
from infrastructure.hosts.tables import HOST_TABLES, HostTable

TOLERATED = 20
"""One imported row in 20 (5%) may vanish between two imports, and always a single one."""


@dataclass
class Comparison:
    """A table of the host compared with the index, by key: rows in the index (`rows`, their
    `checksum`), how many of them were in the host when last read, how many of those are gone."""

    rows: int = 0
    checksum: int = 0
    known: int = 0
    vanished: int = 0

    @property
    def tolerated(self) -> int:
        return max(1, self.known // TOLERATED)


def required_tables(
    reader: Reader, tables: Sequence[HostTable], where: str, *, imported: bool = False
) -> dict[str, TableSchema]:
    """The tables' catalogue entries by name; refuses a host that lacks a table or its `id`.

    Of a host that was `imported` before, legacy tables may have been dropped too early.
    """
    found = {table.name: reader.table(table.name) for table in tables}
    missing = [name for name, entry in found.items() if entry is None]
    if imported and missing and missing == _legacy_of(missing):
        raise LegacyTablesGone(where, missing)
    if missing:
        raise NotAHost(where, missing)
    present = {name: entry for name, entry in found.items() if entry is not None}
    lacking = [f"{table.name}.id" for table in tables if not present[table.name].has("id")]
    if lacking:
        raise MissingColumns(lacking)
    for name, entry in present.items():
        key = entry.column("id")
        if key is not None and key.family != "int" and not reader.compares_all:
            raise KeyColumnNotInteger(name, key.declared)
    return present


def _legacy_of(names: Sequence[str]) -> list[str]:
    return [table.name for table in HOST_TABLES if table.origin == "legacy" and table.name in names]


def refuse_strange_keys(
    extents: dict[str, Extent],
    offset: int,
    keys: Callable[[str], Iterator[int]] | None = None,
    are_copies: Callable[[str], Callable[[int], bool]] | None = None,
) -> None:
    """Refuse keys that are not integers, or that are in the range of ids given here.

    A copy of a legacy row may have any id: `are_copies` says which rows of a table are copies, and
    `keys` reads its ids.
    """
    for table, extent in extents.items():
        for key in (extent.lowest, extent.highest):
            if key is not None and type(key) is not int:
                raise KeyNotInteger(table, key)
        if extent.highest is None or extent.highest < offset:
            continue
        highest = extent.highest
        if keys is not None and are_copies is not None:
            is_copy = are_copies(table)
            large = [key for key in keys(table) if key >= offset and not is_copy(key)]
            if not large:
                continue
            highest = large[-1]
        raise KeyTooLarge(table, highest, offset)


def in_key_order(table: str, keys: Iterable[Any]) -> Iterator[int]:
    """The keys as they come; refuses one that is not an integer or not greater than the last."""
    last = None
    for key in keys:
        if type(key) is not int or (last is not None and key <= last):
            raise KeyNotInteger(table, key)
        yield key
        last = key


def vanished(
    keys: Iterator[int],
    known: Iterable[tuple[int, bytes | None]],
    comparison: Comparison | None = None,
) -> Iterator[tuple[int, bytes]]:
    """Rows that are in the index and not in the host: key and last digest, lowest key first.

    Both are read in key order, so neither is kept in memory. `comparison` gets the counts.
    """
    tally = comparison or Comparison()
    there = next(keys, None)
    for key, digest in known:
        tally.rows += 1
        tally.checksum += checksum_part(digest)
        if digest is None:
            continue
        tally.known += 1
        while there is not None and there < key:
            there = next(keys, None)
        if there != key:
            tally.vanished += 1
            yield key, digest


def refuse_too_many_vanished(
    comparisons: dict[str, Comparison], allow_deletions: int | None
) -> None:
    """Refuse if a table lost more rows than tolerated and their total number was not allowed."""
    too_many = {
        table: (comparison.vanished, comparison.known)
        for table, comparison in comparisons.items()
        if comparison.vanished > comparison.tolerated
    }
    total = sum(comparison.vanished for comparison in comparisons.values())
    if too_many and (allow_deletions is None or total > allow_deletions):
        raise TooManyVanished(too_many, total)
