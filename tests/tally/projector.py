"""What a restore's row adds. Pure: no database, no other restore."""

from typing import Any


def contribute(row: Any) -> dict[tuple[Any, ...], tuple[int, ...]]:
    """A restore counts on the day on which it was started, else made."""
    day = (row.started_at or row.created_at).date()
    measures = (1, int(row.status == "completed"), row.duration_seconds or 0)
    return {(day, row.target_database): measures}
