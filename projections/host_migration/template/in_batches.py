"""A migration in batches: each is a transaction of its own, and writers go on.

It can be killed at any moment. The same command goes on where the last complete batch ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import OperationalError, migrations, transaction

from projections.host_migration.template.constants import (
    DEPENDENCIES,
    INDEX,
    SIZE,
    STEP,
    TABLES,
    TARGET,
)
from projections.host_migration.template.counters import IdCounters
from projections.host_migration.template.database import HostDatabase, MoveRefused
from projections.host_migration.template.moving import (
    EVERY,
    carry_over,
    fill_targets,
    move_new,
    take_back,
)
from projections.host_migration.template.refusals import (
    changed_rows,
    changed_targets,
    refuse_changes,
    refuse_references,
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

ATTEMPTS = 60
"""How often a batch is tried while locks or changes of others are in its way."""
WAITS = "1s"
"""PostgreSQL: how long a batch waits for a lock. Who comes after it waits as long, too."""
PAUSE = 0.5
"""Seconds between two attempts."""


def _begin(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    make_record(HostDatabase(schema_editor), again=True)


def _end(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    drop_record(HostDatabase(schema_editor))


def _add_column(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    host = HostDatabase(schema_editor)
    columns, indexes = host.columns_and_indexes()
    if TARGET not in columns:
        _batch(host, partial(host.named, "add_column"))
    online = "CONCURRENTLY " if host.vendor == "postgresql" else ""
    if online and INDEX in indexes and not _is_whole(host):
        host.run(f"DROP INDEX {online}{host.quote(INDEX)}")
        indexes.remove(INDEX)
    if INDEX and INDEX not in indexes:
        add_index(host, online)


def _is_whole(host: HostDatabase) -> bool:
    """PostgreSQL: an index is not, if whoever made it was killed meanwhile."""
    found = "SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass"
    return bool(host.value(found, [host.quote(INDEX)]))


def _drop_column(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    host = HostDatabase(schema_editor)
    if TARGET in host.columns_and_indexes()[0]:
        _batch(host, partial(drop_column, host))


def _move(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Move the rows, then look at every row again: what changed meanwhile is carried over."""
    host = HostDatabase(schema_editor)
    if not host.has_legacy_tables():
        return  # they are gone since
    last = host.value(
        "SELECT max(consolidated_id) FROM restorelog_filled_row WHERE step = %s", [STEP]
    )
    for ids in _ranges(host, TABLES["restore"][1], after=last):
        _batch(host, partial(fill_targets, host, ids))
    for kind, (legacy, _) in TABLES.items():
        last = host.value(
            "SELECT max(legacy_id) FROM restorelog_moved_row WHERE kind = %s AND step = %s",
            [kind, STEP],
        )
        for ids in _ranges(host, legacy, after=last):
            _move_batch(host, kind, ids, check=False)
    for kind, (legacy, _) in TABLES.items():
        for ids in _ranges(host, legacy):
            _move_batch(host, kind, ids, check=True)
    for kind, (legacy, _) in TABLES.items():
        # A low id may be committed late. What is written from now on waits for a further one.
        _, lowest, highest = host.found(f"{kind}.not_moved", EVERY)[0]
        if lowest is not None:
            for ids in _ranges(host, legacy, f"id <= {highest:d}", after=lowest - 1):
                _move_batch(host, kind, ids, check=True)


def _move_batch(host: HostDatabase, kind: str, ids: tuple[int, int], *, check: bool) -> None:
    """Move the new rows with these ids, in one transaction; for restores, first their backups.

    With `check`, carry over what changed, and compare all sources with what is recorded of them.
    """

    def work() -> None:
        if kind == "restore" and "backup" in TABLES:
            move_new(host, "backup", ids, "_of_restores")
        move_new(host, kind, ids)
        if check:
            carry_over(host, kind, ids)
            _refuse_unrecorded(host, kind, ids)

    for one in TABLES:
        IdCounters(host).reserve(one, SIZE)
    _batch(host, work)


def _refuse_unrecorded(host: HostDatabase, kind: str, ids: tuple[int, int]) -> None:
    """Stop if a source is not as it is recorded, and count copies that are not."""
    legacy, consolidated = TABLES[kind]
    there, recorded, changed = host.found(f"{kind}.check", ids)[0]
    if there != recorded:
        raise MoveRefused([f"{legacy}: {there - recorded} rows are not as they are recorded"])
    if changed:
        print(f"\n  {consolidated}: {changed} copies were changed or deleted since; that stays.")


def _take_back(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Remove the rows that were moved, and put back what was written. Changed rows stop it."""
    host = HostDatabase(schema_editor)
    if not has_record(host):
        return
    with _reading(host):  # all of it is looked at before the first row goes
        changed = [line for kind in TABLES for line in changed_rows(host, kind, EVERY)]
        refuse_changes([*changed, *changed_targets(host, EVERY), *written_targets(host)])
        for kind in TABLES:
            refuse_references(host, kind, EVERY)
    for kind in reversed(TABLES):  # restores before their backups
        recorded = f"kind = '{kind}' AND (step = {STEP} OR last_step = {STEP})"
        for ids in _ranges(host, "restorelog_moved_row", recorded, "legacy_id"):
            _batch(host, partial(take_back, host, kind, ids))
    filled = f"step = {STEP}"
    for ids in _ranges(host, "restorelog_filled_row", filled, "consolidated_id"):
        _batch(host, partial(_unfill, host, ids))
    _batch(host, IdCounters(host).put_back)


def _unfill(host: HostDatabase, ids: tuple[int, int]) -> None:
    refuse_changes(changed_targets(host, ids))
    host.named("unfill", ids)
    host.named("forget_filled", ids)


def _ranges(
    host: HostDatabase, table: str, only: str = "1 = 1", key: str = "id", after: int | None = None
) -> Iterator[tuple[int, int]]:
    """The ids of all rows that a table has now, a batch at a time."""
    low = EVERY[0] if after is None else after
    rows = f"FROM {host.quote(table)} WHERE {only}"
    last = host.value(f"SELECT max({key}) {rows}")
    some = f"SELECT {key} AS id {rows} AND {key} > %s ORDER BY {key} LIMIT {SIZE}"
    while last is not None and low < last:
        high = host.value(f"SELECT max(x.id) FROM ({some}) AS x", [low])
        if high is None:
            return  # the others are gone
        yield low, high
        low = high


def _batch(host: HostDatabase, work: Callable[[], Any]) -> None:
    """Do this in one transaction; again, if something of other programs was in its way."""
    for attempt in range(1, ATTEMPTS + 1):
        begin = time.monotonic()
        try:
            with transaction.atomic(using=host.connection.alias):
                _isolate(host)
                work()
        except OperationalError:
            if attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE)
        else:
            if host.vendor == "sqlite":  # who waits for the file there is in no queue
                time.sleep((time.monotonic() - begin) / 2)
            return


def _isolate(host: HostDatabase) -> None:
    """All statements of a transaction find the same rows."""
    host.lock_file()
    if host.vendor == "postgresql":
        host.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        host.run(f"SET LOCAL lock_timeout TO '{WAITS}'")
        host.settings()
    elif host.vendor == "mysql":  # there, who reads rows to write others has to lock them
        host.run("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")


@contextmanager
def _reading(host: HostDatabase) -> Iterator[None]:
    """Nobody waits for who only reads; on SQLite, writers wait for its end."""
    if host.vendor != "postgresql":
        yield
        return
    with transaction.atomic(using=host.connection.alias):
        _isolate(host)
        yield


class Migration(migrations.Migration):
    atomic = False
    dependencies = DEPENDENCIES
    operations = [
        migrations.RunPython(_begin, _end),
        *column_operations(_add_column, _drop_column),
        migrations.RunPython(_move, _take_back),
    ]
