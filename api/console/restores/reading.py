"""One restore: its rows, where their values come from, what happened, and how it ended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple
from uuid import UUID

from api.console.timeline import LONGEST, TimelineEntry, shown_value, timeline
from api.v1.rows import heads
from domain.consolidation.values import Scope
from domain.events import Event
from domain.restores import events as restores
from domain.restores.restore import Restore
from infrastructure.event_store.log import Log
from infrastructure.printable import printable
from infrastructure.running.models import Heartbeat
from projections.consolidation.scope_in_force import scope_as_of
from projections.database_management import models as legacy_tables
from projections.engine.fold import first_violation, fold_each, values
from projections.engine.registry import row_projection
from projections.history import lookup
from projections.history.as_of import position_as_of
from projections.history.change_history import EventChanges, changes_of
from projections.history.merged_changes import tables_of
from projections.history.restore_facts import RestoreFacts
from projections.system_backups import models as consolidated_tables

STEPS = 50
"""Events of the timeline on a page: the latest, or those before a position."""
MOMENTS = 100
"""Events that can be stepped through: the latest."""
TABLES = {
    consolidated_tables.RestoreLog: consolidated_tables.BackupLog,
    legacy_tables.RestoreLog: legacy_tables.BackupLog,
}
"""The two tables of restores, each with that of the backups they were made from."""
COLUMNS = (
    *("id", "name", "status", "restore_type", "trigger_type", "restore_method"),
    *("target_database", "is_overwrite", "started_at", "completed_at", "duration_seconds"),
    *("message", "created_by_username", "created_by_id", "created_at", "updated_at"),
    *("source_backup_id", "validation", "warnings_count", "extra"),
)
OWN = frozenset({"id", "source_backup_id"})
"""Columns that may differ between the tables: each has ids of its own."""


class Line(NamedTuple):
    """A column in both tables. A table that has no such column, or no such row, has None."""

    column: str
    consolidated: Any
    legacy: Any
    differs: bool
    known_by: str
    position: int | None
    """The event that gave the column its value."""


@dataclass(frozen=True)
class OneRestore:
    """What a page shows of a restore."""

    restore_id: UUID
    aggregate: Restore
    """Its texts are cut. It says which commands the state allows."""
    name: str
    row: Any
    """The consolidated row, else the legacy one, else None; as of a moment if one was asked for."""
    lines: list[Line]
    steps: list[TimelineEntry]
    earlier: int | None
    """The position before which there are more steps."""
    facts: RestoreFacts
    notes: list[str]
    heartbeat: Heartbeat | None
    backup: Any
    as_of: int | None
    positions: list[int]
    """Those of all its events."""
    moments: list[Event]
    """Its latest events, to look at its rows as of each."""


def read_restore(text: str, as_of: str | None = None, before: int | None = None) -> OneRestore:
    """The restore with this UUID or id, now or as of a position or a time.

    Raises `RestoreNotFound`, and what `position_as_of` raises.
    """
    restore = lookup.restore_id(text)
    events = lookup.events_of(restore, LONGEST)
    position = None if as_of is None else position_as_of(as_of)
    known = events if position is None else [one for one in events if one.position <= position]
    rows = _rows_now(restore) if position is None else _rows_then(events, position)
    consolidated, legacy = rows
    row = consolidated if consolidated is not None else legacy
    steps = changes_of(events)
    last = [one for one in steps if before is None or one.event.position < before]
    name = getattr(row, "name", None) or ""
    return OneRestore(
        restore_id=restore,
        aggregate=Restore.from_events(restore, events),
        name=name,
        row=row,
        lines=list(_lines(rows, _origins(changes_of(known)))),
        steps=timeline(last[-STEPS:], name, tables_of(steps)),
        earlier=last[-STEPS].event.position if len(last) > STEPS else None,
        facts=RestoreFacts.of(_in_full(restore, events)),
        notes=[printable(note) for note in (*lookup.also(text), *lookup.absences(restore))],
        heartbeat=_heartbeat(row),
        backup=_backup(rows),
        as_of=position,
        positions=[event.position for event in events],
        moments=events[-MOMENTS:],
    )


def _rows_now(restore: UUID) -> tuple[Any, ...]:
    found = []
    for table in TABLES:
        row = heads(table, LONGEST, LONGEST).filter(restore_id=restore).first()
        if row is not None:
            row.message, row.extra = row.message_head, row.extra_head
        found.append(row)
    return tuple(found)


def _rows_then(events: Sequence[Event], position: int) -> tuple[Any, ...]:
    """The rows as they stood when the log ended at a position."""
    found = []
    for table in TABLES:
        consolidated = table is consolidated_tables.RestoreLog
        scope = scope_as_of(position) if consolidated else Scope.ALL
        projection = row_projection(table._meta.label)
        known = takewhile(lambda event: event.position <= position, events)
        (*_, row) = (None, *(after for _, _, after in fold_each(projection, scope, known)))
        shown = row is not None and row.present
        fits = shown and first_violation(projection, row, values(row)) is None
        found.append(row if fits else None)
    return tuple(found)


def _lines(rows: tuple[Any, ...], origins: Mapping[str, tuple[str, int]]) -> Iterator[Line]:
    for column in COLUMNS:
        told = [shown_value(getattr(row, column, None)) for row in rows]
        has = [row is not None and hasattr(row, column) for row in rows]
        if not any(has):
            continue
        differs = all(has) and told[0] != told[1] and column not in OWN
        known_by, position = origins.get(column, ("", None))
        yield Line(column.replace("_", " "), *told, differs, known_by, position)


def _origins(steps: Sequence[EventChanges]) -> dict[str, tuple[str, int]]:
    """How each column's value is known, and the event that it is from."""
    found = {}
    for step in steps:
        for change in step.changes:
            said = _known_by(step.event, change.provenance, change.host_column)
            found[change.column] = (said, step.event.position)
    return found


def _known_by(event: Event, provenance: str, host_column: str | None) -> str:
    if provenance == "observed" and isinstance(event, restores.HostRow):
        where = f", in its column {printable(host_column)}" if host_column else ""
        return f"observed in the host{where}"
    if provenance == "observed":
        amended = isinstance(event, restores.RestoreAmended)
        return "amended here" if amended else "recorded here"
    return "assumed: the host has no such column" if provenance == "assumed" else provenance


def _in_full(restore: UUID, events: list[Event]) -> list[Event]:
    """The events with the end of their output too, if they were recorded here and so are short."""
    first = events[0]
    return Log().stream(restore) if isinstance(first, restores.RestoreRequested) else events


def _heartbeat(row: Any) -> Heartbeat | None:
    if row is None or row.status != "in_progress":
        return None
    return Heartbeat.objects.filter(restore_id=row.restore_id).defer("output").first()


def _backup(rows: tuple[Any, ...]) -> Any:
    """The backup that it was made from, as the table beside its row has it."""
    for row, table in zip(rows, TABLES.values(), strict=True):
        if row is not None and row.source_backup_id is not None:
            return table.objects.defer("extra").filter(pk=row.source_backup_id).first()
    return None
