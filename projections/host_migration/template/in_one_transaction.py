"""A migration that is one transaction: writers wait until it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import migrations

from projections.host_migration.template.constants import (
    ADDS_COLUMN,
    DEPENDENCIES,
    FIRST,
    INDEX,
    TABLES,
    TARGET,
)
from projections.host_migration.template.counters import IdCounters
from projections.host_migration.template.database import HostDatabase, MoveRefused
from projections.host_migration.template.moving import (
    carry_over,
    fill_targets,
    move_new,
    take_back,
)
from projections.host_migration.template.refusals import (
    changed_rows,
    changed_targets,
    refuse_changes,
    written_targets,
)
from projections.host_migration.template.schema import (
    add_index,
    column_operations,
    drop_column,
    drop_record,
    has_record,
    make_record,
)

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import StateApps

# --- The text from here on is the same in every migration. ---


def _begin(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the tables of the record, and keep other writers out until the transaction ends."""
    host = HostDatabase(schema_editor)
    _lock(host)
    # MySQL commits each of these by itself.
    make_record(host, again=host.vendor == "mysql")


def _end(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    drop_record(HostDatabase(schema_editor))


def _add_column(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    host = HostDatabase(schema_editor)
    # Only on MySQL can an earlier run have been killed between these.
    columns, indexes = host.columns_and_indexes() if host.vendor == "mysql" else ((), ())
    if TARGET not in columns:
        host.named("add_column")
    if INDEX and INDEX not in indexes:
        add_index(host)


def _drop_column(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    host = HostDatabase(schema_editor)
    if TARGET in host.columns_and_indexes()[0]:
        drop_column(host)


def _move(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Fill empty target databases, then move the rows and compare them with their sources."""
    host = HostDatabase(schema_editor)
    if not host.has_legacy_tables():
        return  # they are gone since
    for kind, (legacy, _) in TABLES.items():
        IdCounters(host).reserve(kind, host.count(legacy))
    with _alone(host):
        host.settings()
        fill_targets(host)
        for kind, (_, consolidated) in TABLES.items():
            before = host.count(consolidated)
            new = move_new(host, kind)
            if not FIRST:
                carry_over(host, kind)
            there = host.count(consolidated)
            if there != before + new:
                raise MoveRefused([f"{consolidated} has {there} rows, not {before + new}"])
        _check_foreign_keys(host)


def _take_back(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Remove the rows that were moved, and put back what was written. Changed rows stop it."""
    host = HostDatabase(schema_editor)
    _lock(host)
    if not has_record(host):
        return
    with _alone(host):
        host.settings()
        changed = [line for kind in TABLES for line in changed_rows(host, kind)]
        refuse_changes([*changed, *changed_targets(host), *written_targets(host)])
        for kind in reversed(TABLES):  # restores before their backups
            take_back(host, kind)
        host.named("unfill")
        host.named("forget_filled")
        _check_foreign_keys(host)
    IdCounters(host).put_back()


def _lock(host: HostDatabase) -> None:
    """Wait for other writers to end, and keep new ones waiting. Always in the same order."""
    host.lock_file()
    if host.vendor != "postgresql":
        return
    there = host.tables()
    legacy = [host.quote(one) for one, _ in TABLES.values() if one in there]
    consolidated = [host.quote(one) for _, one in TABLES.values()]
    if legacy:
        host.run(f"LOCK TABLE {', '.join(legacy)} IN SHARE MODE")
    # To raise a lock later could be a deadlock with a reader that goes on to write.
    mode = "ACCESS EXCLUSIVE" if ADDS_COLUMN else "SHARE ROW EXCLUSIVE"
    host.run(f"LOCK TABLE {', '.join(consolidated)} IN {mode} MODE")


@contextmanager
def _alone(host: HostDatabase) -> Iterator[None]:
    """MySQL: one transaction, in which every row that is read stays as it is until the end."""
    if host.vendor == "mysql":
        host.run("COMMIT")
        host.run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
    yield
    if host.vendor == "mysql":
        host.run("COMMIT")


def _check_foreign_keys(host: HostDatabase) -> None:
    """Check now what is checked at the end otherwise: PostgreSQL alters no table before."""
    if host.vendor == "postgresql":
        host.run("SET CONSTRAINTS ALL IMMEDIATE")
        host.run("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = DEPENDENCIES
    operations = [
        migrations.RunPython(_begin, _end),
        *column_operations(_add_column, _drop_column),
        migrations.RunPython(_move, _take_back),
    ]
