"""What a rebuild would change: the rows by which the new table differs from the live one."""

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
"""Rows whose columns are shown."""


@dataclass(frozen=True)
class RebuildDifference:
    """One column of one row, as it reads now and as it would read then. `table` is the label.

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

    `version_now` is the mapping's version that the live table was made by.
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
    """How many rows differ, by how, and the first of them; both tables are read once, in step.

    Only the first rows are ever held here.
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
    """What a cell says, from how `projections.digest` writes it."""
    if cell is None:
        return None
    text = cell.partition(":")[2]
    try:
        return _READ.get(kind, str)(text)
    except ValueError:
        # Somebody wrote something into the table that the column cannot mean.
        return text


def rebuild_diff(
    dialect: TableDialect,
    live: TableLocation,
    building: TableLocation,
    *,
    versions: tuple[int, int],
    same: bool,
) -> RebuildDiff | None:
    """What a switch would change; None if the live table is gone or cannot be read.

    `versions` are the mapping's, now and then. `same` says that the digests are equal, so that
    there is nothing to look for.
    """
    if same:
        return RebuildDiff(version_now=versions[0], version_then=versions[1])
    try:
        counts, found = differences(dialect, live, building)
    except DatabaseError:
        return None
    return RebuildDiff(counts["appears"], counts["disappears"], counts["changes"], *versions, found)
