"""The change history: which event changed which column, found by running the projectors."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from domain.backups.events import HostBackupRow
from domain.consolidation.values import Scope
from domain.events import Event
from domain.restores.events import HostRow, RestoreAmended
from projections.database_management import mapping as legacy_mapping
from projections.engine.fold import fold_each
from projections.engine.registry import BESIDE_COLUMNS, Row, RowProjection, row_projection
from projections.mapping.fields import Field, provenance
from projections.mapping.host_values import Provenance
from projections.system_backups import mapping

BOOKKEEPING = frozenset({"restore_id", "backup_id", "origin", "version", "amended"})
"""Columns about the row's origin, which are left out."""

_FIELDS: dict[str, dict[str, dict[str, Field]]] = {
    label: {
        origin: {field.target: field for field in fields} for origin, fields in by_origin.items()
    }
    for label, by_origin in (
        ("database_management.RestoreLog", legacy_mapping.RESTORE_FIELDS),
        ("database_management.BackupLog", legacy_mapping.BACKUP_FIELDS),
        ("system_backups.RestoreLog", mapping.RESTORE_FIELDS),
        ("system_backups.BackupLog", mapping.BACKUP_FIELDS),
    )
}


EVERYTHING: Mapping[str, str] = dict.fromkeys(_FIELDS, Scope.ALL)
"""Every table that has a field mapping, with all rows in scope."""


class Change(NamedTuple):
    """One column of one table, before and after an event; `old` is None where there was no row.

    `row` says whether the row `appeared`, `changed` or `vanished`. `host_column` is the host's
    column that the new value was read from, if it has another name.
    """

    label: str
    column: str
    old: Any
    new: Any
    provenance: Provenance
    row: str
    host_column: str | None


class EventChanges(NamedTuple):
    """An event and what it changed."""

    event: Event
    changes: list[Change]


def changes_of(
    events: Iterable[Event], scopes: Mapping[str, str] = EVERYTHING
) -> list[EventChanges]:
    """The changes that each of one stream's events, oldest first, made in any table.

    `scopes` has the scope of each table to look at, by label. Values are those of the columns;
    a value that a column cannot hold is None.
    """
    events = list(events)
    changes: dict[int, list[Change]] = {id(event): [] for event in events}
    for label, scope in scopes.items():
        projection = row_projection(label)
        for event, before, after in fold_each(projection, scope, events):
            changes[id(event)] += _changes(projection, event, before, after)
    return [EventChanges(event, changes[id(event)]) for event in events]


def _changes(
    projection: RowProjection, event: Event, before: Row | None, after: Row | None
) -> list[Change]:
    old, new = _shown(before), _shown(after)
    if old is None and new is None:
        return []
    row = "appeared" if old is None else "vanished" if new is None else "changed"
    old, new = old or {}, new or {}
    return [
        Change(
            projection.label,
            column,
            old.get(column),
            new.get(column),
            _provenance(projection.label, event, column),
            row,
            _host_column(event, column),
        )
        for column in projection.columns
        if column not in BOOKKEEPING and old.get(column) != new.get(column)
    ]


def _shown(row: Row | None) -> dict[str, Any] | None:
    """The columns of a row, if it is in its table."""
    if row is None or not row.present:
        return None
    fields = row.__struct_fields__[:-BESIDE_COLUMNS]
    return {field: getattr(row, field) for field in fields}


def _provenance(label: str, event: Event, column: str) -> Provenance:
    """Whether the value was observed, derived or assumed."""
    if isinstance(event, HostRow | HostBackupRow):
        return provenance(event, _FIELDS[label][event.origin][column])
    if isinstance(event, RestoreAmended):
        return "derived" if column == "updated_at" else "observed"
    return "derived" if column in ("id", "duration_seconds") else "observed"


def _host_column(event: Event, column: str) -> str | None:
    """The chosen host column in which the host's row has the value."""
    if not isinstance(event, HostRow | HostBackupRow):
        return None
    chosen = event.sources.get(column, ())
    return next((name for name in chosen if event.columns.get(name) is not None), None)
