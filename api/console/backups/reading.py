"""One backup: its row, the restores made from it, and what happened to it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from api.console.timeline import (
    LONGEST,
    TimelineEntry,
    plain_value,
    recorded_by,
    shown_value,
    timeline,
)
from api.v1.rows import heads
from infrastructure.event_store.shortened_json import beginning
from infrastructure.printable import printable
from projections.database_management import models as legacy_tables
from projections.history import lookup
from projections.history.backup_facts import BackupEventFacts
from projections.history.change_history import changes_of
from projections.history.merged_changes import tables_of
from projections.system_backups import models as consolidated_tables

RESTORES = 20
"""Restores that are shown: the latest created."""
EVENTS = 50
"""Events of the timeline on a page: the latest, or those before a position."""
CONTENTS = 30
"""Parts of its contents, and columns of the host, that are shown."""
EXTRA = 8_000
"""Characters of the host's other columns, as JSON, that are read."""
TABLES = (
    (consolidated_tables.BackupLog, consolidated_tables.RestoreLog),
    (legacy_tables.BackupLog, legacy_tables.RestoreLog),
)
"""The two tables of backups, each with that of the restores made from them."""


@dataclass(frozen=True)
class OneBackup:
    """What a page shows of a backup."""

    backup_id: UUID
    name: str
    row: Any
    """The consolidated row, else the legacy one, else None."""
    facts: BackupEventFacts
    contents: list[tuple[str, int | None]]
    more_contents: int
    """How many parts of its contents are not shown."""
    extra: list[tuple[str, Any]]
    """The host's other columns."""
    restores: list[Any]
    """The latest restores made from it, of the table that has its row; none if no table has."""
    more_restores: bool
    in_consolidated: bool
    """Whether the row is that of the consolidated table."""
    registered_by: str
    steps: list[TimelineEntry]
    earlier: int | None
    """The position before which there are more events."""
    notes: list[str]


def read_backup(text: str, before: int | None = None) -> OneBackup:
    """The backup with this UUID or id. Raises `BackupNotFound`."""
    (_, backup), *others = lookup.backups_meant(text)
    events = lookup.backup_events(backup, LONGEST)
    row, restores = _row(backup)
    facts = BackupEventFacts.of(events)
    name = getattr(row, "name", None) or (facts.registered.name if facts.registered else "")
    steps = changes_of(events)
    last = [one for one in steps if before is None or one.event.position < before]
    contents = list(facts.registered.contents.items()) if facts.registered else []
    return OneBackup(
        backup_id=backup,
        name=name,
        row=row,
        facts=facts,
        contents=[(printable(part), count) for part, count in contents[:CONTENTS]],
        more_contents=max(len(contents) - CONTENTS, 0),
        extra=_extra(row),
        restores=restores[:RESTORES],
        more_restores=len(restores) > RESTORES,
        in_consolidated=isinstance(row, consolidated_tables.BackupLog),
        registered_by=recorded_by(facts.first),
        steps=timeline(last[-EVENTS:], name, tables_of(steps)),
        earlier=last[-EVENTS].event.position if len(last) > EVENTS else None,
        notes=[
            *(
                f"{text} is also the id of backup {one} in {label}: ask for it by its UUID."
                for label, one in others
            ),
            *map(printable, lookup.absences(backup)),
        ],
    )


def _row(backup: UUID) -> tuple[Any, list[Any]]:
    """Its row, and the latest restores that were made from it."""
    for table, restores in TABLES:
        row = heads(table, message=0, extra=EXTRA).filter(backup_id=backup).first()
        if row is not None:
            made = restores.objects.filter(source_backup_id=row.pk).defer("message", "extra")
            return row, list(made.order_by("-created_at", "-id")[: RESTORES + 1])
    return None, []


def _extra(row: Any) -> list[tuple[str, Any]]:
    """The host's other columns, verbatim. Of a backup registered here its facts say them."""
    if row is None or row.origin == "recorded":
        return []
    head = row.extra_head.encode()
    whole = head if len(row.extra_head) == row.extra_size else beginning(head)
    told = msgspec.json.decode(whole, type=dict[str, Any])
    return [
        (printable(name), shown_value(plain_value(value)))
        for name, value in list(told.items())[:CONTENTS]
    ]
