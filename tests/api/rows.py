"""Rows put straight into a table, for tests of reading alone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from projections.database_management.models import RestoreLog as LegacyRestore
from projections.system_backups.models import BackupLog, RestoreLog

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


def restore(id: int, **changes: Any) -> RestoreLog:
    return RestoreLog(
        **{
            "id": id,
            "restore_type": "database",
            "trigger_type": "manual",
            "is_overwrite": False,
            **_common(id),
            **changes,
        }
    )


def legacy(id: int, **changes: Any) -> LegacyRestore:
    return LegacyRestore(**{"id": id, "restore_method": "manual", **_common(id), **changes})


def backup(id: int, **changes: Any) -> BackupLog:
    row = {
        "id": id,
        "backup_id": UUID(int=id),
        "name": f"backup {id}",
        "origin": "consolidated",
        "version": 1,
        "extra": "{}",
    }
    return BackupLog(**{**row, **changes})


def put(*rows: Any) -> None:
    """Write rows past the read-only managers, as only tests do."""
    if rows:
        QuerySet(type(rows[0])).bulk_create(rows, batch_size=40)


def _common(id: int) -> dict[str, Any]:
    return {
        "name": f"restore {id}",
        "status": "completed",
        "target_database": "shop",
        "message": "",
        "created_at": NOON + timedelta(seconds=id % 1_000_000),
        "updated_at": NOON + timedelta(seconds=id % 1_000_000),
        "restore_id": UUID(int=id),
        "origin": "consolidated",
        "version": 1,
        "amended": "[]",
        "extra": "{}",
    }
