"""Every ordering that a list offers, and every filter alone, is served by an index."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from api.v1.backups.views import BackupList
from api.v1.restores.views import LegacyRestoreList, RestoreList
from projections.database_management.models import BackupLog as LegacyBackup
from projections.engine import version_cells
from projections.engine.checkpoints import live
from projections.engine.dialects import table_dialect
from projections.engine.models import Generation, GenerationState
from projections.engine.registry import PROJECTIONS
from projections.row_versions.models import RestoreVersion
from projections.statistics.recent import recent_backups
from projections.system_backups.models import BackupLog
from tests.api.conftest import Reader
from tests.api.rows import NOON, backup, hours, legacy, put, restore
from tests.support.plans import (
    indexes_read,
    sorts_of_many,
    starts_at,
    statements,
    used_indexes,
    whole_reads,
)

ROWS = 3_000
WIDE = "as wide as rows are, " * 40
FEW = {"page_size": 10}
STATUSES = (*("completed",) * 7, "failed", "partial", "running")


def facts(n: int) -> dict[str, Any]:
    """The columns of one of many restores, most of which went well."""
    started = NOON + timedelta(minutes=n)
    return {
        "name": f"nightly {n % 300}",
        "status": STATUSES[n % len(STATUSES)],
        "target_database": f"shop{n % 200}",
        "source_backup_id": n % 900 if n % 3 else None,
        "started_at": started if n % 5 else None,
        "completed_at": started + timedelta(seconds=n % 700) if n % 5 else None,
        "duration_seconds": n % 700 if n % 5 else None,
        "created_by_id": str(n % 150) if n % 4 else None,
        "created_by_username": f"user{n % 150}" if n % 4 else None,
        "created_at": started,
        "updated_at": started + hours(1),
        "origin": ("legacy", "consolidated", "recorded")[n * 3 // ROWS],
        "version": 1 + n % 4,
        "message": WIDE,
    }


def restores(n: int) -> Any:
    return restore(
        n,
        **facts(n - 1),
        is_overwrite=n % 30 == 0,
        restore_type=("database", "files")[n % 10 == 0],
        trigger_type=("manual", "scheduled")[n % 2],
        validation=("passed", "failed", *(None,) * 20)[n % 22],
        warnings_count=n % 3 if n % 25 == 0 else None,
    )


def legacies(n: int) -> Any:
    return legacy(n, **facts(n - 1))


def backups(n: int) -> Any:
    return backup(
        n,
        extra=f'{{"note": "{WIDE}"}}',
        name=f"weekly {n % 2000}",
        backup_type=("full", "database")[n % 2],
        status=STATUSES[n % len(STATUSES)],
        database_name=f"shop{n % 200}",
        file_path=f"/backups/{n}",
        size_bytes=n * 1_000,
        created_at=NOON + timedelta(minutes=n) if n % 9 else None,
        updated_at=NOON + timedelta(minutes=n),
        origin=("legacy", "consolidated", "recorded")[(n - 1) * 3 // ROWS],
    )


def fill(make: Any) -> type[Model]:
    """A table with many rows, about which the database has statistics."""
    rows = [make(n) for n in range(1, ROWS + 1)]
    model = type(rows[0])
    dialect, projection = table_dialect(connection), PROJECTIONS[model._meta.label]
    place = dialect.place(model, projection.key, GenerationState.LIVE)
    values = [tuple(getattr(row, column) for column in place.columns) for row in rows]
    dialect.insert(place, dialect.packed(place, values))
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {place.table}")
    put(legacy_backup(121))
    if model is not BackupLog:
        put(backup(121))
    return model


def legacy_backup(id: int) -> LegacyBackup:
    return LegacyBackup(id=id, backup_id=UUID(int=id), origin="legacy", version=1, extra="{}")


LISTS = [
    ("restores/", restores, RestoreList),
    ("legacy/restores/", legacies, LegacyRestoreList),
    ("backups/", backups, BackupList),
]
lists = pytest.mark.parametrize(("path", "make", "view"), LISTS, ids=[one[0] for one in LISTS])
UNSERVED = frozenset({"search", "extra"})
"""Filters without an index: docs/reference/rest.md says so."""

VALUES: dict[str, Any] = {
    "id": 2_321,
    "restore_id": UUID(int=2_321),
    "backup_id": UUID(int=2_321),
    "name": "nightly 120",
    "message": "as no row has it",
    "status": "failed",
    "restore_type": "files",
    "restore_method": "manual",
    "trigger_type": "scheduled",
    "target_database": "shop20",
    "is_overwrite": "true",
    "source_backup": 121,
    "duration_seconds": 320,
    "created_by": "20",
    "created_by_username": "user20",
    "origin": "legacy",
    "version": 3,
    "validation": "failed",
    "warnings_count": 2,
    "backup_type": "full",
    "database_name": "shop20",
    "file_path": "/backups/77",
    "size_bytes": 77_000,
    "started_at": NOON + timedelta(minutes=2_321),
    "completed_at": NOON + timedelta(minutes=2_321, seconds=121),
    "created_at": NOON + timedelta(minutes=2_321),
    "updated_at": NOON + timedelta(minutes=2_321, hours=1),
}
MORE = {
    "backup": [121, UUID(int=121)],
    "never_restored": ["true", "false"],
    "never_validated": ["true", "false"],
    "ever": ["failed"],
    "since": [NOON + timedelta(minutes=2_900), NOON, "1h"],
    "until": [NOON + timedelta(minutes=100), "now"],
    "last": ["24h", "30000 days"],
    "tz": ["Asia/Kolkata"],
    "present": ["true"],
    "run_by": ["ada"],
}
"""Values of the filters that no column has."""
RANGES = ("_min", "_max", "_after", "_before")


def asked(name: str) -> list[Any]:
    """Values for a filter, of which one finds few rows and one may find many."""
    if name in MORE:
        return MORE[name]
    if name.endswith("_isnull"):
        return ["true", "false"]
    if name.endswith("_in"):
        word = VALUES[name.removesuffix("_in")]
        return [word, f"{word},{word}"]
    for suffix in RANGES:
        if name.endswith(suffix):
            value = VALUES[name.removesuffix(suffix)]
            if isinstance(value, int):
                return [value, 0, value + 4_000]
            return [value, value - timedelta(minutes=2_000), value + timedelta(minutes=2_000)]
    return [VALUES[name]]


def versions(n: int) -> Any:
    """One of many versions of restores, of which few are not in the table."""
    absent = n % 300 == 0
    columns = {
        field.attname: getattr(row, field.attname)
        for row in [restores(n)]
        for field in row._meta.concrete_fields
    }
    return RestoreVersion(
        **{**columns, "status": None if absent else columns["status"], "version": 1},
        valid_from=n,
        block=0 if n % 50 else None,
        cell=None if n % 50 else version_cells.OPEN,
        present=not absent,
        absence="quarantined" if absent else None,
        is_overwrite_known_by="observed",
    )


def written(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@lists
def test_every_ordering_is_read_in_the_order_of_an_index(
    viewer: Reader, path: str, make: Any, view: Any
):
    table = fill(make)._meta.db_table
    odd = {}
    for name in view.ordering_fields:
        for ordering in (name, f"-{name}"):
            first, page = statements(table, partial(viewer.json, path, ordering=ordering, **FEW))
            second, _ = statements(table, partial(viewer.json, page["next"]))
            found = [
                step
                for sql in (*first, *second)
                for step in (*whole_reads(sql, table), *sorts_of_many(sql))
            ]
            found += ["reads from the beginning" for sql in second if not starts_at(sql)]
            if found or not first:
                odd[ordering] = found
    assert odd == {}


@lists
def test_every_filter_alone_is_served_by_an_index(viewer: Reader, path: str, make: Any, view: Any):
    table = fill(make)._meta.db_table
    odd = {}
    for name in view.filterset_class.base_filters:
        if name in UNSERVED:
            continue
        for value in map(written, asked(name)):
            used, _ = statements(table, partial(viewer.json, path, **{name: value}, **FEW))
            found = [step for sql in used for step in whole_reads(sql, table)]
            if name.endswith(RANGES) and name.rpartition("_")[0] in view.ordering_fields:
                # However many rows are in the range, none but those of the page are sorted.
                found += [step for sql in used for step in sorts_of_many(sql)]
            if found or not used:
                odd[f"{name}={value}"] = found
    assert odd == {}


def test_whether_a_restore_of_a_backup_was_checked_is_known_by_an_index(viewer: Reader):
    fill(restores)
    put(*(backup(n, created_at=NOON) for n in range(1, 6)))
    with CaptureQueriesContext(connection) as captured:
        found = recent_backups(NOON - hours(1), NOON + hours(1))
    assert len(found) == 5
    (sql,) = [one["sql"] for one in captured]
    assert "sb_restorelog_proved_idx" in used_indexes(sql)


def test_versions_are_read_block_by_block_in_the_order_of_an_index(viewer: Reader):
    table = fill(versions)._meta.db_table
    for label in ("row_versions.RestoreVersion", "system_backups.RestoreLog"):
        Generation.objects.filter(pk=live(PROJECTIONS[label], "default").pk).update(position=ROWS)
    odd = {}
    for asked in (
        {},
        *({"ordering": one} for one in ("name", "-status", "-counts_at", "completed_at")),
        {"status": "failed"},
        {"status": "running"},
        {"is_overwrite": "true"},
        {"since": "2025-06-01"},
    ):
        for present in ("any", "false"):
            with CaptureQueriesContext(connection) as captured:
                viewer.json("restores/", present=present, **asked, **FEW)
            read = [one["sql"] for one in captured if table in one["sql"]]
            pages = [sql for sql in read if ") AS part" in sql]
            counts = [sql for sql in read if "COUNT(" in sql]
            found = [
                index
                for sql in (*pages, *counts)
                for index in indexes_read(sql, table)
                # The rows of a page are read by their key.
                if not index.startswith(("rv_", "row_versions_", "sqlite_autoindex_row_versions_"))
            ]
            if found or not pages or not counts:
                odd[str(asked)] = found
    assert odd == {}
