"""Notes on the data quality of host rows that can nevertheless be imported."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from domain.backups.events import HostBackupRow
from domain.restores.events import HostRow
from domain.times import FORM, read_time
from domain.values import Tagged, chosen_value
from infrastructure.hosts.inspecting.findings import NO_ZONE
from infrastructure.hosts.tables import TIMES

STATUSES = frozenset({"pending", "in_progress", "completed", "partial", "failed", "cancelled"})
BACKUP_TIMES = ("created_at", "updated_at")

Oddity = tuple[str, str]
"""A stable kind, and what it means."""


def data_quality_notes(
    event: HostRow | HostBackupRow, local: Collection[str] = TIMES
) -> Iterator[Oddity]:
    """Notes on the row in this event.

    `local` are the columns whose declared types are local times, without an offset.
    """
    is_restore = isinstance(event, HostRow)
    times = {name: _time(event, name) for name in (TIMES if is_restore else BACKUP_TIMES)}
    for name, when in times.items():
        value = chosen_value(event.columns, event.sources, name, name)
        if value is not None and when is None:
            yield "not_a_time", f"{name} is not a time like {FORM}"
        if name in event.assumed:
            yield "unsure_local_time", f"{name} came twice or never in the given time zone"
        elif name in local and isinstance(value, Tagged) and when and _naive(value.v):
            yield "time_without_zone", f"{name}{NO_ZONE}"
    for name, value in event.columns.items():
        if isinstance(value, Tagged) and value.kind == "raw" and name in ("name", "message"):
            yield "not_utf8", f"{name} is not valid UTF-8"
    if isinstance(event, HostRow):
        yield from _odd_restore(event, times)


def _odd_restore(event: HostRow, times: dict[str, datetime | None]) -> Iterator[Oddity]:
    status = chosen_value(event.columns, event.sources, "status", "status")
    if status not in STATUSES:
        yield "unusual_status", f"status is {status!r:.40}"
    started, completed = times["started_at"], times["completed_at"]
    duration = chosen_value(event.columns, event.sources, "duration_seconds", "duration_seconds")
    if started is None or completed is None:
        return
    if completed < started:
        yield "completed_before_started", "completed_at precedes started_at"
    elif type(duration) is int and duration != int((completed - started).total_seconds()):
        yield "odd_duration", "duration_seconds is not completed_at - started_at"


def _time(event: HostRow | HostBackupRow, name: str) -> datetime | None:
    value: Any = chosen_value(event.columns, event.sources, name, name)
    for known in (event.derived, event.assumed):
        value = known.get(name, value)
    if not isinstance(value, Tagged):
        return None
    when = read_time(value.v) if value.kind == "time" else None
    return when.replace(tzinfo=UTC) if when is not None and when.tzinfo is None else when


def _naive(text: str) -> bool:
    when = read_time(text)
    return when is not None and when.tzinfo is None
