"""What a table must hold of the restores and backups recorded here, event by event."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.backups.events import BackupRegistered
from domain.events import Event
from domain.restores.events import (
    RestoreAmended,
    RestoreCancelled,
    RestoreCompleted,
    RestoreFailed,
    RestoreRequested,
    RestoreStarted,
    RestoreVanishedFromHost,
)
from domain.values import Tagged
from projections.verification.expected import from_service
from projections.verification.expected.from_service import next_row, recorded_rows, row_of
from projections.verification.expected.schema import TABLES
from tests.projections.histories import BACKUP, event
from tests.projections.verification.in_memory import log_of

LEGACY = TABLES["database_management.RestoreLog"]
CONSOLIDATED = TABLES["system_backups.RestoreLog"]
LEGACY_BACKUPS = TABLES["database_management.BackupLog"]
BACKUPS = TABLES["system_backups.BackupLog"]

NOON = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
ONE = "1" * 32
TWO = "2" * 32
THREE = "3" * 32


def seconds(count: float) -> datetime:
    return NOON + timedelta(seconds=count)


def started(at: datetime = NOON) -> RestoreStarted:
    return event(RestoreStarted, started_at=at)


def completed(at: datetime, **more: Any) -> RestoreCompleted:
    return event(RestoreCompleted, completed_at=at, **more)


def amended(**changes: Any) -> RestoreAmended:
    return event(RestoreAmended, amended_at=seconds(7200), changes=changes)


def folded(*events: Event, table=CONSOLIDATED, **request: Any) -> dict[str, Any]:
    """The row of a restore that was requested at position 5, after these events."""
    request = {"requested_at": NOON, "message": "please", **request}
    history = [event(RestoreRequested, **request), *events]
    row = row_of(table, ONE, list(enumerate(history, start=5)))
    assert row is not None
    return row


def cells(table, *entries: tuple[int, str, Event]) -> list[dict[str, str]]:
    """The cells that a table must hold of these entries of the log."""
    return [
        dict(zip(table.columns, chunk.cells(n), strict=True))
        for chunk in recorded_rows(log_of(*entries), table)
        for n in range(len(chunk.ids))
    ]


def test_a_requested_restore_is_pending_at_offset_and_position():
    requested = event(RestoreRequested, backup=BACKUP, requested_at=NOON, message="please")
    assert cells(CONSOLIDATED, (5, ONE, requested)) == [
        {
            "id": "i13:2000000000005",
            "name": "t7:by hand",
            "source_backup_id": "i13:1000000000007",
            "status": "t7:pending",
            "restore_type": "t8:database",
            "trigger_type": "t6:manual",
            "target_database": "t4:shop",
            "is_overwrite": "b1:1",
            "started_at": "-",
            "completed_at": "-",
            "duration_seconds": "-",
            "message": "t6:please",
            "created_by_id": "t1:3",
            "created_at": "d26:2024-05-06T12:00:00.000000",
            "updated_at": "d26:2024-05-06T12:00:00.000000",
            "restore_id": "u36:11111111-1111-1111-1111-111111111111",
            "backup_id": f"u36:{BACKUP.backup_id}",
            "created_by_username": "t3:ada",
            "origin": "t8:recorded",
            "version": "i1:1",
            "amended": "t2:[]",
            "extra": "t2:{}",
            "validation": "-",
            "warnings_count": "-",
        }
    ]


def test_the_legacy_table_has_its_own_id_of_the_backup_and_its_own_word_for_the_trigger():
    requested = event(RestoreRequested, backup=BACKUP, requested_at=NOON, trigger_type="automatic")
    assert cells(LEGACY, (5, ONE, requested)) == [
        {
            "id": "i13:2000000000005",
            "name": "t7:by hand",
            "source_backup_id": "i1:7",
            "status": "t7:pending",
            "restore_method": "t9:automatic",
            "target_database": "t4:shop",
            "started_at": "-",
            "completed_at": "-",
            "duration_seconds": "-",
            "message": "t0:",
            "created_by_id": "t1:3",
            "created_at": "d26:2024-05-06T12:00:00.000000",
            "updated_at": "d26:2024-05-06T12:00:00.000000",
            "restore_id": "u36:11111111-1111-1111-1111-111111111111",
            "backup_id": f"u36:{BACKUP.backup_id}",
            "created_by_username": "t3:ada",
            "origin": "t8:recorded",
            "version": "i1:1",
            "amended": "t2:[]",
            "extra": "t2:{}",
        }
    ]


@pytest.mark.parametrize("table", [LEGACY_BACKUPS, BACKUPS])
def test_a_registered_backup_stands_in_both_tables_alike(table):
    registered = event(BackupRegistered, registered_at=NOON)
    assert cells(table, (6, TWO, registered)) == [
        {
            "id": "i13:2000000000006",
            "name": "t6:monday",
            "backup_type": "t8:database",
            "status": "t9:completed",
            "database_name": "t4:shop",
            "file_path": "t15:/backups/monday",
            "size_bytes": "i3:123",
            "created_at": "d26:2024-05-06T12:00:00.000000",
            "updated_at": "d26:2024-05-06T12:00:00.000000",
            "backup_id": "u36:22222222-2222-2222-2222-222222222222",
            "origin": "t8:recorded",
            "version": "i1:1",
            "extra": "t2:{}",
        }
    ]


def test_the_legacy_tables_hold_databases_only():
    entries = (
        (2, ONE, event(RestoreRequested, restore_type="files")),
        (3, TWO, event(RestoreRequested, restore_type="full")),
        (4, THREE, event(RestoreRequested, restore_type="database")),
        (5, "4" * 32, event(BackupRegistered, backup_type="files")),
        (6, "5" * 32, event(BackupRegistered, backup_type="full")),
    )
    assert [row["id"] for row in cells(LEGACY, *entries)] == ["i13:2000000000004"]
    assert [row["id"] for row in cells(LEGACY_BACKUPS, *entries)] == ["i13:2000000000006"]
    assert [row["id"] for row in cells(CONSOLIDATED, *entries)] == [
        "i13:2000000000002",
        "i13:2000000000003",
        "i13:2000000000004",
    ]
    assert [row["id"] for row in cells(BACKUPS, *entries)] == [
        "i13:2000000000005",
        "i13:2000000000006",
    ]


def test_rows_come_in_order_of_their_ids_with_their_streams_and_some_at_a_time(monkeypatch):
    monkeypatch.setattr(from_service, "STREAMS", 2)
    log = log_of(
        (2, THREE, event(RestoreRequested)),
        (3, ONE, event(RestoreRequested)),
        (4, TWO, event(RestoreRequested)),
    )
    assert [(chunk.ids, list(chunk.streams)) for chunk in recorded_rows(log, CONSOLIDATED)] == [
        ([2 * 10**12 + 2, 2 * 10**12 + 3], [THREE, ONE]),
        ([2 * 10**12 + 4], [TWO]),
    ]


def test_a_batch_without_a_row_for_this_table_is_no_batch():
    log = log_of((2, ONE, event(RestoreRequested, restore_type="files")))
    assert list(recorded_rows(log, LEGACY)) == []


def test_a_started_restore_is_in_progress_since_then():
    row = folded(started(seconds(60)))
    assert row["status"] == "in_progress"
    assert row["started_at"] == row["updated_at"] == seconds(60)
    assert row["completed_at"] is None
    assert row["created_at"] == NOON


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (completed(seconds(90.999999), message="bye"), "completed"),
        (completed(seconds(90.999999), message="bye", outcome="partial"), "partial"),
        (event(RestoreFailed, failed_at=seconds(90.999999), message="bye"), "failed"),
        (event(RestoreCancelled, cancelled_at=seconds(90.999999), message="bye"), "cancelled"),
    ],
)
def test_a_restore_that_is_over_says_when_and_how_many_whole_seconds_it_took(end, status):
    row = folded(started(), end)
    assert row["status"] == status
    assert row["completed_at"] == row["updated_at"] == seconds(90.999999)
    assert row["duration_seconds"] == 90
    assert row["message"] == "bye"


def test_a_restore_that_ends_as_it_starts_took_no_time():
    assert folded(started(), completed(NOON))["duration_seconds"] == 0


def test_a_restore_that_ends_before_it_starts_has_no_duration():
    row = folded(started(), completed(seconds(-0.000001)))
    assert row["completed_at"] == seconds(-0.000001)
    assert row["duration_seconds"] is None


def test_a_restore_called_off_before_it_began_has_no_end():
    row = folded(event(RestoreCancelled, cancelled_at=seconds(9), message="never mind"))
    assert row["status"] == "cancelled"
    assert row["completed_at"] is None
    assert row["duration_seconds"] is None
    assert row["updated_at"] == seconds(9)


def test_a_restore_whose_start_was_taken_back_still_has_an_end():
    row = folded(started(), amended(started_at=None), completed(seconds(9)))
    assert row["completed_at"] == seconds(9)
    assert row["duration_seconds"] is None


def test_the_legacy_table_knows_no_partial_outcome():
    events = started(), completed(seconds(1), outcome="partial")
    assert folded(*events, table=LEGACY)["status"] == "completed"
    assert folded(*events, table=CONSOLIDATED)["status"] == "partial"
    assert folded(started(), table=LEGACY)["status"] == "in_progress"


def test_a_backup_that_was_partial_is_so_in_the_legacy_table_too():
    (row,) = cells(LEGACY_BACKUPS, (2, ONE, event(BackupRegistered, status="partial")))
    assert row["status"] == "t7:partial"


def test_an_amendment_says_what_it_changes_and_when():
    row = folded(started(), amended(name="renamed", duration_seconds=12))
    assert (row["name"], row["duration_seconds"]) == ("renamed", 12)
    assert row["status"] == "in_progress"
    assert row["updated_at"] == seconds(7200)


def test_an_amended_backup_has_its_own_id_in_each_table():
    change = event(RestoreAmended, changes={"source_backup_id": 99}, backup=BACKUP)
    assert folded(change, table=LEGACY)["source_backup_id"] == 7
    assert folded(change, table=CONSOLIDATED)["source_backup_id"] == 10**12 + 7
    for table in (LEGACY, CONSOLIDATED):
        assert folded(change, table=table)["backup_id"] == BACKUP.backup_id.hex


def test_an_amendment_can_take_the_backup_away():
    change = event(RestoreAmended, changes={"source_backup_id": None}, backup=None)
    row = folded(change, backup=BACKUP)
    assert (row["source_backup_id"], row["backup_id"]) == (None, None)


def test_a_row_says_how_many_events_it_has_had_and_which_columns_were_amended():
    events = started(), amended(name="renamed", trigger_type="recovery"), completed(seconds(9))
    row = folded(*events, table=LEGACY)
    assert (row["version"], row["amended"]) == (4, '["name","restore_method"]')
    row = folded(*events, amended(is_overwrite=False))
    assert (row["version"], row["amended"]) == (5, '["is_overwrite","name","trigger_type"]')


def test_a_user_without_a_name_has_none():
    assert folded(requested_by_username=None)["created_by_username"] is None


def test_an_amendment_of_something_else_leaves_the_backup():
    assert folded(amended(name="renamed"), backup=BACKUP)["source_backup_id"] == 10**12 + 7


@pytest.mark.parametrize("column", ["started_at", "completed_at"])
@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("2024-02-29 11:00:00.000001", "d26:2024-02-29T11:00:00.000001"),
        ("2024-02-29T11:00:00+02:00", "d26:2024-02-29T09:00:00.000000"),
    ],
)
def test_an_amended_time_is_in_utc_unless_it_says_otherwise(column, text, cell):
    change = amended(**{column: Tagged("time", text)})
    (row,) = cells(CONSOLIDATED, (2, ONE, event(RestoreRequested)), (3, ONE, change))
    assert row[column] == cell


def test_a_duration_counts_from_the_amended_start():
    start = amended(started_at=Tagged("time", "2024-05-06 13:00:00+02:00"))
    assert folded(started(), start, completed(seconds(1)))["duration_seconds"] == 3601


NO_TIMES = [
    5,
    "2024-05-06T12:00:00",
    Tagged("raw", "2024-05-06T12:00:00"),
    Tagged("time", "soon"),
    Tagged("time", "10000-01-01 00:00:00"),
    Tagged("time", "0001-01-01T00:00:00+02:00"),
]


@pytest.mark.parametrize("value", NO_TIMES)
def test_an_amended_time_that_is_none_fits_no_column(value):
    change = amended(completed_at=value)
    (row,) = cells(CONSOLIDATED, (2, ONE, event(RestoreRequested)), (3, ONE, change))
    assert row["completed_at"] == "!"
    assert row["name"] == "t7:by hand"


@pytest.mark.parametrize("value", NO_TIMES)
def test_an_amended_time_that_is_none_is_what_keeps_the_row_out(value):
    log = log_of(
        (2, ONE, event(RestoreRequested)),
        (3, TWO, event(RestoreRequested)),
        (4, TWO, amended(completed_at=value)),
    )
    (chunk,) = recorded_rows(log, CONSOLIDATED)
    assert chunk.misfits == {(1, 9): (9, value, "here")}


def test_what_else_fits_no_column_keeps_its_row_out_too():
    log = log_of(
        (2, ONE, event(RestoreRequested, name="n" * 256)),
        (3, TWO, event(RestoreRequested)),
        (4, THREE, event(RestoreRequested)),
        (5, THREE, amended(name=Tagged("raw", "6bff"))),
    )
    (chunk,) = recorded_rows(log, LEGACY)
    assert chunk.misfits == {
        (0, 1): (1, "n" * 256, "here"),
        (2, 1): (1, Tagged("raw", "6bff"), "here"),
    }


@pytest.mark.parametrize("value", NO_TIMES)
def test_a_restore_that_started_at_no_time_has_an_end_but_no_duration(value):
    row = folded(started(), amended(started_at=value), completed(seconds(9)))
    assert row["completed_at"] == seconds(9)
    assert row["duration_seconds"] is None


def test_an_event_that_says_nothing_of_the_row_leaves_it_as_it_is():
    assert next_row({"name": "x"}, 9, event(RestoreVanishedFromHost)) == {"name": "x"}
