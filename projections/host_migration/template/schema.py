"""What a migration adds to the host's schema: its record, and the column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import migrations, models

from projections.host_migration.template.constants import (
    ADDS_COLUMN,
    INDEX,
    RECORD,
    TABLES,
    TARGET,
)
from projections.host_migration.template.database import ALL_RECORD, HostDatabase, MoveRefused

# --- The text from here on is the same in every migration. ---


def make_record(host: HostDatabase, *, again: bool) -> None:
    """Make the tables of the record. `again`: some may be there, from a run that was killed."""
    there = host.tables() if again else set()
    for table, statement in RECORD.items():
        if table not in there:
            host.named(statement)


def drop_record(host: HostDatabase) -> None:
    for table in RECORD:
        host.run(f"DROP TABLE IF EXISTS {table}")


def has_record(host: HostDatabase) -> bool:
    """Whether anything is there to be taken back."""
    column = TARGET in host.columns_and_indexes()[0]
    if host.tables() >= ALL_RECORD:
        return column  # else a run was killed before it could move anything
    # A run was killed after it had taken everything back, before Django took note of it.
    if ADDS_COLUMN and column:
        raise MoveRefused(["the tables with the record of moved rows are gone"])
    return False


def add_index(host: HostDatabase, how: str = "") -> None:
    table, column = host.quote(TABLES["restore"][1]), host.quote(TARGET)
    host.run(f"CREATE INDEX {how}{host.quote(INDEX)} ON {table} ({column})")


def drop_column(host: HostDatabase) -> None:
    """Drop the column and its index. On MySQL the index goes with the column."""
    if INDEX in host.columns_and_indexes()[1] and host.vendor != "mysql":
        host.run(f"DROP INDEX {host.quote(INDEX)}")
    table, column = host.quote(TABLES["restore"][1]), host.quote(TARGET)
    host.run(f"ALTER TABLE {table} DROP COLUMN {column}")


def column_operations(add: Callable[..., None], drop: Callable[..., None]) -> list[Any]:
    """The new column, also for the models of later migrations."""
    if not ADDS_COLUMN:
        return []
    field: Any = models.CharField(max_length=100, blank=True, default="")
    state: list[Any] = [migrations.AddField("restorelog", TARGET, field)]
    if INDEX:
        index = models.Index(fields=[TARGET], name=INDEX)
        state.append(migrations.AddIndex("restorelog", index))
    return [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add, drop)],
            state_operations=state,
        )
    ]
