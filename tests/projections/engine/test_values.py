"""What the events say stands in the tables, whatever it is that it says."""

from datetime import UTC, datetime

import pytest

from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from projections.engine.rebuild import rebuild
from tests.builders import requested
from tests.support import raw

TEXTS = [
    "",
    "null",
    "\\N",
    "\\",
    "a\\tb",
    "tab\there",
    "two\nlines\r\nand a return\r",
    'said "so", twice',
    "Größe 王芳 😀",
]
TIMES = [
    (datetime(2025, 6, 1, 12, 0, tzinfo=UTC), "2025-06-01 12:00:00"),
    (datetime(2025, 6, 1, 12, 0, 0, 100, tzinfo=UTC), "2025-06-01 12:00:00.000100"),
    (datetime(2025, 6, 1, 12, 0, 0, 100_000, tzinfo=UTC), "2025-06-01 12:00:00.100000"),
    (datetime(800, 1, 2, 3, 4, 5, 999_999, tzinfo=UTC), "0800-01-02 03:04:05.999999"),
]
MAKERS = {"rebuild": rebuild, "catch up": catch_up}


@pytest.mark.parametrize("maker", MAKERS)
def test_texts_are_kept_to_the_last_character(database: str, maker: str):
    Log().append(
        [
            new_event(requested(number, message=text, requested_by=text or None))
            for number, text in enumerate(TEXTS)
        ]
    )
    MAKERS[maker]()
    for table in ("system_backups_restorelog", "database_management_restorelog"):
        found = raw.rows(database, f"SELECT message, created_by_id FROM {table} ORDER BY id")
        assert [tuple(row) for row in found] == [(text, text or None) for text in TEXTS]


@pytest.mark.parametrize("maker", MAKERS)
def test_times_are_kept_to_the_microsecond(database: str, maker: str):
    Log().append(
        [new_event(requested(number, requested_at=time)) for number, (time, _) in enumerate(TIMES)]
    )
    MAKERS[maker]()
    found = raw.rows(
        database, "SELECT created_at, started_at FROM system_backups_restorelog ORDER BY id"
    )
    if database.startswith("sqlite"):
        assert [tuple(row) for row in found] == [(stored, None) for _, stored in TIMES]
    else:
        assert [tuple(row) for row in found] == [(time, None) for time, _ in TIMES]
