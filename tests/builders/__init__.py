"""Domain events with sensible defaults, for tests that care about one thing at a time."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from domain.backups.events import BackupImported, BackupRegistered
from domain.events import Metadata
from domain.restores.events import (
    RestoreCompleted,
    RestoreImported,
    RestoreRequested,
    RestoreStarted,
)
from domain.values import Tagged

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
SPACE = UUID("9b1f7a52-0f5d-4f5e-9d0a-2f6f4b6f3a11")
OFFSET = 10**12


def stream(number: int) -> UUID:
    """A stream id that is the same in every run."""
    return uuid5(SPACE, str(number))


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def metadata(actor: str = "ops", reason: str | None = None) -> Metadata:
    return Metadata(actor=actor, reason=reason)


def requested(number: int = 1, version: int = 1, **changes: Any) -> RestoreRequested:
    details: dict[str, Any] = {
        "originator_id": stream(number),
        "originator_version": version,
        "metadata": metadata(),
        "id_offset": 2 * OFFSET,
        "name": f"restore {number}",
        "backup": None,
        "restore_type": "database",
        "trigger_type": "manual",
        "target_database": "shop",
        "is_overwrite": False,
        "requested_by": None,
        "requested_by_username": "ops",
        "requested_at": NOON,
        "message": "",
        "attributes": {},
        "recorded_afterwards": False,
    }
    return RestoreRequested(**{**details, **changes})


def started(number: int = 1, version: int = 2, **changes: Any) -> RestoreStarted:
    details: dict[str, Any] = {
        "originator_id": stream(number),
        "originator_version": version,
        "metadata": metadata(),
        "started_at": NOON,
        "command": "",
        "host": "",
        "heartbeat_seconds": None,
    }
    return RestoreStarted(**{**details, **changes})


def completed(number: int = 1, version: int = 3, **changes: Any) -> RestoreCompleted:
    details: dict[str, Any] = {
        "originator_id": stream(number),
        "originator_version": version,
        "metadata": metadata(),
        "completed_at": NOON + minutes(3),
        "outcome": "completed",
        "message": "all tables restored",
        "warnings": (),
        "warnings_count": None,
        "exit_code": None,
        "output": "",
    }
    return RestoreCompleted(**{**details, **changes})


def legacy_columns(key: int = 7, **changes: Any) -> dict[str, Any]:
    """A legacy host row, verbatim, as SQLite keeps it."""
    columns = {
        "id": key,
        "name": f"nightly {key}",
        "source_backup_id": None,
        "status": "completed",
        "restore_method": "manual",
        "target_database": "shop",
        "started_at": Tagged("time", "2024-02-29 23:00:00.000001"),
        "completed_at": Tagged("time", "2024-02-29 23:05:00"),
        "duration_seconds": 300,
        "message": "done",
        "created_by_id": 4,
        "created_at": Tagged("time", "2024-02-29 22:59:59"),
        "updated_at": Tagged("time", "2024-02-29 23:05:00"),
    }
    return {**columns, **changes}


def _from_the_legacy_table(number: int, key: int) -> dict[str, Any]:
    """What every first event of a row of the host's legacy tables has."""
    return {
        "originator_id": stream(number),
        "originator_version": 1,
        "metadata": metadata("import"),
        "origin": "legacy",
        "legacy_id": key,
        "consolidated_id": OFFSET + key,
        "derived": {},
        "sources": {},
    }


def imported(number: int = 1, key: int = 7, **changes: Any) -> RestoreImported:
    details: dict[str, Any] = {
        **_from_the_legacy_table(number, key),
        "columns": legacy_columns(key),
        "assumed": {"restore_type": "database", "is_overwrite": False},
        "backup": None,
        "username": "ada",
    }
    return RestoreImported(**{**details, **changes})


def backup_registered(number: int = 900, **changes: Any) -> BackupRegistered:
    details: dict[str, Any] = {
        "originator_id": stream(number),
        "originator_version": 1,
        "metadata": metadata(),
        "id_offset": 2 * OFFSET,
        "name": "weekly",
        "backup_type": "database",
        "status": "completed",
        "database_name": "shop",
        "file_path": "/backups/weekly.dump",
        "size_bytes": 1234,
        "registered_at": NOON,
        "checksum": "",
        "format": "",
        "contents": {},
    }
    return BackupRegistered(**{**details, **changes})


def backup_imported(number: int = 1, key: int = 7, **changes: Any) -> BackupImported:
    details: dict[str, Any] = {
        **_from_the_legacy_table(number, key),
        "columns": {
            "id": key,
            "name": f"weekly {key}",
            "backup_type": "database",
            "status": "completed",
            "database_name": "shop",
            "file_path": f"/backups/{key}.dump",
            "size_bytes": 1234,
            "created_at": Tagged("time", "2024-02-29 22:59:59"),
            "updated_at": Tagged("time", "2024-02-29 22:59:59"),
        },
        "assumed": {},
    }
    return BackupImported(**{**details, **changes})
