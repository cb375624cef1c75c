"""Legacy rows that no projection can hold."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from .plan import Plan, Row

FIRST_ID = 900_000_000

# What each database lets in although the declared columns, or Python's dates, cannot hold it.
UNHOLDABLE: dict[str, tuple[Row, ...]] = {
    "sqlite": (
        {"name": "ü" * 300},
        {"started_at": "0000-00-00 00:00:00"},
        {"completed_at": "yesterday, about noon"},
        {"message": "a NUL \0 in the middle"},
        {"target_database": "d" * 101},
        {"created_at": "10000-01-01 00:00:00"},
        {"duration_seconds": 2**31},
        {"message": b"not UTF-8: \xff\xfe"},
    ),
    "postgresql": (
        {"completed_at": "infinity"},
        {"started_at": "-infinity"},
        {"started_at": "294276-12-31 23:59:59.999999+00"},
        {"created_at": "4713-06-01 00:00:00+00 BC"},
    ),
    "mysql": (
        {"started_at": "0000-00-00 00:00:00"},
        {"completed_at": "2021-02-00 00:00:00"},
        {"message": "a NUL \0 in the middle"},
    ),
}


def rows(plan: Plan) -> Iterator[Row]:
    """As many as planned, taking turns through what this database lets in."""
    ways = UNHOLDABLE[plan.vendor]
    for number in range(plan.quarantine):
        created = datetime(2024, 5, 6, 7, 8, 9, 10) + timedelta(minutes=number)
        yield {
            "id": FIRST_ID + number,
            "name": f"cannot be held {number}",
            "source_backup_id": None,
            "status": "completed",
            "started_at": created,
            "completed_at": created,
            "duration_seconds": 0,
            "message": "",
            "created_by_id": None,
            "created_at": created,
            "updated_at": created,
            "restore_method": "manual",
            "target_database": "orders",
        } | ways[number % len(ways)]
