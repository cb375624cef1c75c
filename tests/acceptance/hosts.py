"""What both restore tables must hold, read from the host with its own driver and nothing else."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.support import raw

ALIKE_FIRST = ["id", "name", "source_backup_id", "status"]
ALIKE_LAST = ["started_at", "completed_at", "duration_seconds", "message", "created_by_id",
              "created_at", "updated_at"]  # fmt: skip
LEGACY = [*ALIKE_FIRST, "restore_method", "target_database", *ALIKE_LAST]
CONSOLIDATED = [
    *ALIKE_FIRST,
    *("restore_type", "trigger_type", "target_database", "is_overwrite"),
    *ALIKE_LAST,
]
TIMES = {"started_at", "completed_at", "created_at", "updated_at"}
OFFSET = 10**12


def table(url: str, name: str, columns: list[str]) -> dict[int, tuple[Any, ...]]:
    """A table's rows by id, as the driver gives them."""
    listed = ", ".join(columns)
    return {row[0]: row for row in raw.rows(url, f"SELECT {listed} FROM {name} ORDER BY id")}


def columns_of(url: str, name: str) -> list[str]:
    with raw.connect(url) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT * FROM {name} WHERE 1 = 0")
        found = [column[0] for column in cursor.description]
        cursor.close()
    return found


def shown(column: str, value: Any, zone: str = "UTC") -> Any:
    """A driver's value in one form for all databases; times as UTC with microseconds."""
    if value is None:
        return None
    if column in TIMES:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if moment.tzinfo is None:
            # The offset before the gap for a time that never was, the first of two that were.
            moment = moment.replace(tzinfo=ZoneInfo(zone), fold=0)
        return moment.astimezone(UTC).isoformat(timespec="microseconds")
    if column == "is_overwrite":
        return bool(value)
    if column == "created_by_id":
        return str(value)
    return value


def rows(url: str, name: str, columns: list[str], zone: str = "UTC") -> dict[int, tuple[Any, ...]]:
    return {
        key: tuple(shown(column, value, zone) for column, value in zip(columns, row, strict=True))
        for key, row in table(url, name, columns).items()
    }


def expected_legacy(host: str, zone: str = "UTC") -> dict[int, tuple[Any, ...]]:
    """Every legacy row as the legacy table must show it."""
    there = columns_of(host, "database_management_restorelog")
    return _filled(host, "database_management", LEGACY, there, zone)


def expected_consolidated(host: str, zone: str = "UTC") -> dict[int, tuple[Any, ...]]:
    """Every native consolidated row as the consolidated table must show it before a cut-over."""
    there = columns_of(host, "system_backups_restorelog")
    return _filled(host, "system_backups", CONSOLIDATED, there, zone)


def _filled(
    host: str, app: str, columns: list[str], there: list[str], zone: str
) -> dict[int, tuple[Any, ...]]:
    """The host's rows, a column it lacks filled in: no backup, and the backup's database."""
    present = [column for column in columns if column in there]
    databases: dict[int, str] = {}
    if "source_backup_id" in there and "database_name" in columns_of(host, f"{app}_backuplog"):
        found = raw.rows(host, f"SELECT id, database_name FROM {app}_backuplog")
        databases = {key: name or "" for key, name in found}
    result = {}
    for key, row in rows(host, f"{app}_restorelog", present, zone).items():
        values = dict(zip(present, row, strict=True))
        backup = values.get("source_backup_id")
        values.setdefault("source_backup_id", None)
        values.setdefault("target_database", databases.get(backup, ""))
        result[key] = tuple(values[column] for column in columns)
    return result
