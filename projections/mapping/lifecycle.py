"""The changes to a restore's row by its lifecycle events, the same in both tables."""

from datetime import datetime, timedelta
from typing import Any

from domain.restores.events import (
    RestoreCancelled,
    RestoreCompleted,
    RestoreFailed,
    RestoreStarted,
)
from projections.mapping.host_values import Unfit

LifeEvent = RestoreStarted | RestoreCompleted | RestoreFailed | RestoreCancelled


def life_changes(event: LifeEvent, started_at: datetime | None) -> dict[str, Any]:
    """The columns that the event changes, in a row with this start time.

    Only the consolidated table has `warnings_count`.
    """
    warnings_count = None
    match event:
        case RestoreStarted():
            return {
                "status": "in_progress",
                "started_at": event.started_at,
                "updated_at": event.started_at,
            }
        case RestoreCompleted():
            status, when = str(event.outcome), event.completed_at
            warnings_count = event.warnings_count
        case RestoreFailed():
            status, when = "failed", event.failed_at
            warnings_count = event.warnings_count
        case RestoreCancelled():
            status, when = "cancelled", event.cancelled_at
    # A restore that was cancelled before it began has no end and no duration.
    never_began = status == "cancelled" and started_at is None
    ended = None if never_began else when
    return {
        "status": status,
        "completed_at": ended,
        "duration_seconds": duration(started_at, ended),
        "message": event.message,
        "updated_at": when,
        "warnings_count": warnings_count,
    }


def still_unfit(unfit: Unfit, changed: dict[str, Any]) -> Unfit:
    """The reasons left when these columns are set: an overwritten value withholds no row."""
    if not unfit:
        return unfit
    return {column: why for column, why in unfit.items() if column not in changed}


def duration(started_at: datetime | None, ended_at: datetime | None) -> int | None:
    """Whole seconds; None when a time is missing or the end precedes the start."""
    if started_at is None or ended_at is None or ended_at < started_at:
        return None
    return (ended_at - started_at) // timedelta(seconds=1)
