"""The difference a rebuild would make: the rows that differ between the new and the live table."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from projections.engine.dialects.base import Cells, TableDialect, TableLocation
from projections.excerpts import cut, side_by_side

SHOWN = 20
"""How many differing rows are shown column by column."""


@dataclass(frozen=True)
class RebuildDifference:
    """One column of one row, now and after the rebuild. `table` is the label.

    `column` is None for a row that would appear or disappear: `then`, or `now`, is the whole row.
    """

    table: str
    pk: Any
    column: str | None
    now: Any
    then: Any


@dataclass(frozen=True)
class RebuildDiff:
    """How many rows would appear, disappear or change, and the first of them column by column.

    `version_now` is the mapping version that the live table was built with.
    """

    appear: int = 0
    disappear: int = 0
    change: int = 0
    version_now: int = 0
    version_then: int = 0
    differences: list[RebuildDifference] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows differ."""
        return self.appear + self.disappear + self.change


def differences(
    dialect: TableDialect, live: TableLocation, building: TableLocation
) -> tuple[Counter[str], list[RebuildDifference]]:
    """How many rows differ, by kind, and the first of them; both tables are read once, together.

    Only the first rows are kept in memory.
    """
    counts: Counter[str] = Counter()
    first: list[Any] = []
    for pk, kind in dialect.differing(live, building):
        counts[kind] += 1
        if len(first) < SHOWN:
            first.append(pk)
    now, then = dialect.cells(live, first), dialect.cells(building, first)
    table = str(live.model._meta.label)
    found = []
    for pk in first:
        shown = UUID(str(pk)) if live.kinds[0] == "uuid" else pk
        found += _of_row(table, live, shown, now.get(pk), then.get(pk))
    return counts, found


def _of_row(
    table: str, place: TableLocation, pk: Any, now: Cells | None, then: Cells | None
) -> list[RebuildDifference]:
    if now is None or then is None:
        return [RebuildDifference(table, pk, None, _whole(place, now), _whole(place, then))]
    return [
        RebuildDifference(
            table, pk, column, *side_by_side(_value(kind, was), _value(kind, becomes))
        )
        for column, kind, was, becomes in zip(place.columns, place.kinds, now, then, strict=True)
        if was != becomes
    ]


def _whole(place: TableLocation, cells: Cells | None) -> dict[str, Any] | None:
    if cells is None:
        return None
    return {
        column: cut(_value(kind, cell))
        for column, kind, cell in zip(place.columns, place.kinds, cells, strict=True)
    }


_READ: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "boolean": lambda text: text == "1",
    "date": date.fromisoformat,
    "time": lambda text: datetime.fromisoformat(text).replace(tzinfo=UTC),
}


def _value(kind: str, cell: str | None) -> Any:
    """A cell's value, decoded from the form of `projections.digest`."""
    if cell is None:
        return None
    text = cell.partition(":")[2]
    try:
        return _READ.get(kind, str)(text)
    except ValueError:
        # Another program wrote a value into the table that the column cannot have.
        return text


def rebuild_diff(
    dialect: TableDialect,
    live: TableLocation,
    building: TableLocation,
    *,
    versions: tuple[int, int],
    same: bool,
) -> RebuildDiff | None:
    """What a switch would change; None if the live table is missing or cannot be read.

    `versions` are the mapping's, now and after the rebuild. `same` means that the digests are
    equal, so that there is no difference to look for.
    """
    if same:
        return RebuildDiff(version_now=versions[0], version_then=versions[1])
    try:
        counts, found = differences(dialect, live, building)
    except DatabaseError:
        return None
    return RebuildDiff(counts["appears"], counts["disappears"], counts["changes"], *versions, found)
