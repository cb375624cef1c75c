"""The changes of an event in both tables, told once where they agree."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from projections.history.change_history import Change, EventChanges

TABLE_NAMES = {"database_management": "legacy table", "system_backups": "consolidated table"}


class MergedChange(NamedTuple):
    """One column's change, in one table or in all tables that hold the row.

    `table` names the only table in which it changed like this; empty for all of them.
    """

    column: str
    old: Any
    new: Any
    table: str
    provenance: str
    host_column: str | None
    row: str


def tables_of(steps: Iterable[EventChanges]) -> frozenset[str]:
    """The labels of the tables that these events changed."""
    return frozenset(change.label for step in steps for change in step.changes)


def merged(changes: Sequence[Change], tables: frozenset[str]) -> list[MergedChange]:
    """The changes of one event, in the order of the columns.

    `tables` are those that hold the row at some time: a change is marked if it is not in all.
    """
    alike: dict[tuple[Any, ...], list[Change]] = {}
    for one in changes:
        key = (one.column, repr(one.old), repr(one.new), one.provenance, one.host_column, one.row)
        alike.setdefault(key, []).append(one)
    found = [_merged(group, tables) for group in alike.values()]
    order = {column: n for n, column in enumerate(dict.fromkeys(one.column for one in changes))}
    return sorted(found, key=lambda one: order[one.column])


def _merged(group: Sequence[Change], tables: frozenset[str]) -> MergedChange:
    first = group[0]
    here = {one.label for one in group}
    table = "" if here >= tables else TABLE_NAMES[first.label.partition(".")[0]]
    return MergedChange(
        first.column,
        first.old,
        first.new,
        table,
        first.provenance,
        first.host_column,
        first.row,
    )
