"""The expected rows that this service recorded, by verification's own small fold."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from domain.backups.events import BackupExpired, BackupRegistered, BackupVerified
from domain.restores.events import (
    RestoreAmended,
    RestoreCancelled,
    RestoreCompleted,
    RestoreFailed,
    RestoreRequested,
    RestoreStarted,
    RestoreValidated,
)
from domain.values import Tagged, Value
from projections.verification.cells import expected, written_moment
from projections.verification.chunks import CellViolation, ComparedChunk
from projections.verification.expected.amendments import amended_columns
from projections.verification.expected.schema import ExpectedTable
from projections.verification.expected.violations import plain
from projections.verification.log_index import Entry, LogIndex

STREAMS = 1_000
"""How many streams are folded at a time."""

Fields = dict[str, Any]
"""A row, by the column names of the consolidated table."""

TIMES = ("started_at", "completed_at")


class NotATime(NamedTuple):
    """A value that a time was amended to and that is not a time: it fits no column of times."""

    said: Value


def recorded_rows(log: LogIndex, table: ExpectedTable) -> Iterator[ComparedChunk]:
    """The rows of this table that were recorded here, in order of id."""
    recorded = log.restores if table.subject == "restore" else log.backups
    streams = recorded.in_order()
    for start in range(0, len(streams), STREAMS):
        some = streams[start : start + STREAMS]
        found = log.streams(some)
        rows = {
            stream: fields
            for stream in some
            if (fields := row_of(table, stream, found[stream])) is not None
        }
        if rows:
            columns = [
                expected(rule.holds, [said(fields[rule.column]) for fields in rows.values()])
                for rule in table.rules
            ]
            chunk = ComparedChunk([fields["id"] for fields in rows.values()], columns, list(rows))
            chunk.misfits = {
                (n, number): _misfit(number, rows[chunk.streams[n]][table.columns[number]])
                for n, number in chunk.unfit.items()
            }
            yield chunk


def row_of(table: ExpectedTable, stream: str, entries: list[Entry]) -> Fields | None:
    """The row after all its events, as this table shows it; None if it is not in this table."""
    fields: Fields = {}
    for position, event in entries:
        fields = next_row(fields, position, event)
    if table.origin == "legacy":
        if fields.get("restore_type", "database") != "database":
            return None
        if table.subject == "backup" and fields["backup_type"] == "files":
            return None
        fields["restore_method"] = fields.get("trigger_type")
        if table.subject == "restore" and fields["status"] == "partial":
            fields["status"] = "completed"
    backup = fields.pop("backup", None)
    if backup is not None:
        fields["source_backup_id"] = (
            backup.legacy if table.origin == "legacy" else backup.consolidated
        )
        fields["backup_id"] = backup.backup_id.hex
    return (
        {"source_backup_id": None, "backup_id": None}
        | fields
        | {
            table.key: stream,
            "origin": "recorded",
            "version": len(entries),
            "amended": amended_columns(table, entries),
        }
    )


def next_row(row: Fields, position: int, event: object) -> Fields:
    """The row after one more event."""
    match event:
        case RestoreRequested():
            return _requested(event, position)
        case BackupRegistered():
            return _registered(event, position)
        case RestoreStarted():
            at = event.started_at
            return row | {"status": "in_progress", "started_at": at, "updated_at": at}
        case RestoreCompleted():
            ended = _ended(row, event.outcome, event.completed_at, event.message)
            return ended | {"warnings_count": event.warnings_count}
        case RestoreFailed():
            ended = _ended(row, "failed", event.failed_at, event.message)
            return ended | {"warnings_count": event.warnings_count}
        case RestoreCancelled():
            ended = _ended(row, "cancelled", event.cancelled_at, event.message)
            return ended | {"warnings_count": None}
        case RestoreValidated():
            return row | {"validation": event.result, "updated_at": event.validated_at}
        case BackupExpired():
            return row | {"status": "expired", "updated_at": event.expired_at}
        case BackupVerified():
            said = json.loads(row["extra"]) | {"verification": event.result}
            return row | {"extra": _as_json(said), "updated_at": event.verified_at}
        case RestoreAmended():
            return _amended(row, event)
    return row


def _requested(event: RestoreRequested, position: int) -> Fields:
    return {
        "id": event.id_offset + position,
        "name": event.name,
        "backup": event.backup,
        "status": "pending",
        "restore_type": event.restore_type,
        "trigger_type": event.trigger_type,
        "target_database": event.target_database,
        "is_overwrite": event.is_overwrite,
        "started_at": None,
        "completed_at": None,
        "duration_seconds": None,
        "message": event.message,
        "created_by_id": event.requested_by,
        "created_by_username": event.requested_by_username,
        "created_at": event.requested_at,
        "updated_at": event.requested_at,
        "extra": msgspec.json.encode(event.attributes).decode(),
        "validation": None,
        "warnings_count": None,
    }


def _registered(event: BackupRegistered, position: int) -> Fields:
    return {
        "id": event.id_offset + position,
        "name": event.name,
        "backup_type": event.backup_type,
        "status": event.status,
        "database_name": event.database_name,
        "file_path": event.file_path,
        "size_bytes": event.size_bytes,
        "created_at": event.registered_at,
        "updated_at": event.registered_at,
        "extra": _as_json(
            ({"checksum": event.checksum} if event.checksum else {})
            | ({"format": event.format} if event.format else {})
            | ({"contents": event.contents} if event.contents else {})
        ),
    }


def _as_json(said: dict[str, Any]) -> str:
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False)


def _ended(row: Fields, status: str, at: datetime, message: str) -> Fields:
    """End the restore. One that was cancelled before it began has no end and no duration."""
    started = row["started_at"]
    if isinstance(started, NotATime):
        started = None
    took = None
    if started is not None and at >= started:
        took = (at - started) // timedelta(seconds=1)
    return row | {
        "status": status,
        "completed_at": at if started is not None or status != "cancelled" else None,
        "duration_seconds": took,
        "message": message,
        "updated_at": at,
    }


def _amended(row: Fields, event: RestoreAmended) -> Fields:
    changes = {
        name: _moment(value) if name in TIMES else value for name, value in event.changes.items()
    }
    if "source_backup_id" in changes:
        del changes["source_backup_id"]
        row = row | {"backup": event.backup}
    return row | changes | {"updated_at": event.amended_at}


def _moment(value: Value) -> Any:
    """An amended time, in UTC; `NotATime`, which does not fit its column, for another value."""
    if value is None:
        return None
    if not isinstance(value, Tagged) or value.kind != "time":
        return NotATime(value)
    moment = written_moment(value.v)
    return NotATime(value) if moment is None else moment.replace(tzinfo=UTC)


def _misfit(number: int, value: Any) -> CellViolation:
    return CellViolation(
        number, plain(value.said if isinstance(value, NotATime) else value), "here"
    )


def said(value: Any) -> Any:
    """A value in the form of a host: times as text."""
    return value.isoformat() if isinstance(value, datetime) else value
