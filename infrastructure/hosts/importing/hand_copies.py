"""Finds rows of the consolidated table that somebody copied by hand from the legacy table.

Such a copy is new to the log and says what a legacy row of the log says. Two tables that log the
same restore, each by itself, do not agree so far: each has times of its own.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

import msgspec

from domain.values import Columns, Value
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event as StoredEvent
from infrastructure.hosts.importing.copies import SharedColumns, SharedField
from infrastructure.hosts.importing.topics import RESTORES

PAGE = 5_000
SIZE = 8
STAMPS = frozenset({"created_at", "updated_at"})
"""What Django writes itself when rows are copied by its own means."""
CHANGED = 2
"""A near copy with its original's `created_at` differs from it in at most so many values."""

_encode = msgspec.json.Encoder().encode


class HandCopy(NamedTuple):
    """The ids of a legacy row and of its copy, and in which values the copy differs."""

    legacy: int
    copy: int
    differing: tuple[str, ...]


class _LegacyRow(msgspec.Struct):
    """The part of an event's state that is compared."""

    origin: str
    legacy_id: int | None
    columns: Columns


_decode = msgspec.json.Decoder(_LegacyRow).decode


class _Values(NamedTuple):
    """A row's shared values: a hash of each, in the fields' order."""

    hashes: bytes

    def differing(self, other: "_Values", fields: list[SharedField]) -> tuple[str, ...]:
        return tuple(
            one.target
            for n, one in enumerate(fields)
            if self.hashes[n * SIZE : (n + 1) * SIZE] != other.hashes[n * SIZE : (n + 1) * SIZE]
        )


class HandCopies:
    """The new rows of the consolidated table, to be compared with the legacy rows of the log."""

    def __init__(self, shared: SharedColumns, rows: Iterable[tuple[int, Columns]]) -> None:
        """`rows` are the new rows by their ids."""
        self.shared = shared
        self.rows = list(rows)
        self._by_names: dict[tuple[str, ...], _NewRows] = {}

    def found(self, log: Log) -> list[HandCopy]:
        """The copies among the new rows, in order of their ids; each legacy row has at most one.

        Rows without a start count only beside others that are surely copies: rows that do not say
        when they ran may well agree by chance.
        """
        candidates = list(self._candidates(log))
        if not any(sure for _, sure in candidates):
            return []
        taken: dict[int, HandCopy] = {}
        legacy: set[int] = set()
        for one, _ in sorted(candidates, key=lambda c: (len(c[0].differing), c[0])):
            if one.copy not in taken and one.legacy not in legacy:
                taken[one.copy] = one
                legacy.add(one.legacy)
        return [taken[key] for key in sorted(taken)]

    def _candidates(self, log: Log) -> Iterator[tuple[HandCopy, bool]]:
        for key, columns in _legacy_rows(log):
            names = tuple(columns)
            new = self._by_names.get(names)
            if new is None:
                new = self._by_names[names] = _NewRows(self.shared, names, self.rows)
            yield from new.like(key, columns)


class _NewRows:
    """The new rows, by what they share with legacy rows that have columns of these names."""

    def __init__(
        self, shared: SharedColumns, names: tuple[str, ...], rows: list[tuple[int, Columns]]
    ) -> None:
        self.shared = shared
        self.fields = [one for one in shared.fields(names) if one.legacy]
        self.places = {one.target: n for n, one in enumerate(self.fields)}
        self.identity = [
            self.places[name] for name in ("name", "started_at") if name in self.places
        ]
        self.by_start: defaultdict[tuple[Value, ...], list[tuple[int, _Values]]]
        self.by_start = defaultdict(list)
        for key, columns in rows:
            values = [shared.copy_value(columns, one) for one in self.fields]
            self.by_start[self._start(values)].append((key, _hashed(values)))

    def like(self, legacy: int, columns: Columns) -> Iterator[tuple[HandCopy, bool]]:
        """The new rows that may be copies of this legacy row, and whether one surely is."""
        start = tuple(
            self.shared.legacy_value(columns, self.fields[place]) for place in self.identity
        )
        alike = self.by_start.get(start)
        if alike is None:
            return
        values = [self.shared.legacy_value(columns, one) for one in self.fields]
        hashed, started = _hashed(values), self._said(values, "started_at") is not None
        for key, other in alike:
            differing = () if hashed == other else hashed.differing(other, self.fields)
            if not differing:
                yield HandCopy(legacy, key, ()), started
            elif started and self._is_near(differing, values):
                yield HandCopy(legacy, key, differing), True

    def _is_near(self, differing: tuple[str, ...], values: list[Value]) -> bool:
        """Whether a row of the same name and start is a copy with changes; `values` are the legacy
        row's."""
        if "created_at" not in differing:
            return len(differing) <= CHANGED
        return STAMPS.issuperset(differing) and self._said(values, "completed_at") is not None

    def _start(self, values: list[Value]) -> tuple[Value, ...]:
        return tuple(values[place] for place in self.identity)

    def _said(self, values: list[Value], target: str) -> Value:
        place = self.places.get(target)
        return None if place is None else values[place]


def new_keys(
    keys: Iterable[int], known: Iterable[tuple[int, bytes | None]], explained: set[int]
) -> "array[int]":
    """The ids that the index does not know, and nothing else explains. All are in order."""
    entries = iter(known)
    entry = next(entries, None)
    found = array("q")
    for key in keys:
        while entry is not None and entry[0] < key:
            entry = next(entries, None)
        if (entry is None or entry[0] != key) and key not in explained:
            found.append(key)
    return found


def is_in(ordered: "array[int]", key: int) -> bool:
    """Whether an id is among these, which are in order."""
    place = bisect_left(ordered, key)
    return place < len(ordered) and ordered[place] == key


def _legacy_rows(log: Log) -> Iterator[tuple[int, Columns]]:
    """Every state of every legacy restore that the log has, by id."""
    events = StoredEvent.objects.using(log.using).filter(topic__in=sorted(RESTORES.rows))
    after = 0
    while page := list(
        events.filter(position__gt=after)
        .order_by("position")
        .values_list("position", "state")[:PAGE]
    ):
        for _, state in page:
            row = _decode(bytes(state))
            if row.origin == "legacy" and row.legacy_id is not None:
                yield row.legacy_id, row.columns
        after = page[-1][0]


def _hashed(values: list[Value]) -> _Values:
    return _Values(b"".join([sha256(_encode(value)).digest()[:SIZE] for value in values]))
