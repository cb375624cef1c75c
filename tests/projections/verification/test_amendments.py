"""Corrections made here, as cells: which column each is of, what it says and which one holds."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from domain.restores.events import RestoreAmended, RestoreStarted
from domain.restores.values import BackupRef
from domain.values import Tagged, Value
from projections.verification.cells import UNFIT
from projections.verification.expected.amendments import (
    Amendment,
    amended_columns,
    amendments,
    value_cell,
)
from projections.verification.expected.schema import TABLES, ColumnKind
from projections.verification.log_index import Entry
from tests.projections.histories import BACKUP, OFFSET, event

NOON = datetime(2024, 2, 29, 12, 0, tzinfo=UTC)
LEGACY = TABLES["database_management.RestoreLog"]
CONSOLIDATED = TABLES["system_backups.RestoreLog"]


def amended(position: int, backup: BackupRef | None = None, /, **changes: Value) -> Entry:
    """An amendment as it stands in the log."""
    return position, event(RestoreAmended, amended_at=NOON, changes=changes, backup=backup)


def started(position: int) -> Entry:
    return position, event(RestoreStarted, started_at=NOON)


def legacy(*entries: Entry) -> dict[str, tuple[int, str]]:
    """What amendments say of columns of the legacy table: position and cell."""
    return {LEGACY.columns[n]: (a.position, a.cell) for n, a in amendments(LEGACY, entries)}


def consolidated(*entries: Entry) -> dict[str, tuple[int, str]]:
    """The same of the consolidated table."""
    found = amendments(CONSOLIDATED, entries)
    return {CONSOLIDATED.columns[n]: (a.position, a.cell) for n, a in found}


def test_an_amended_column_says_what_the_amendment_says() -> None:
    entry = amended(7, name="nightly", duration_seconds=None, is_overwrite=True)
    assert consolidated(entry) == {
        "name": (7, "t7:nightly"),
        "duration_seconds": (7, "-"),
        "is_overwrite": (7, "b1:1"),
    }


def test_the_last_amendment_of_a_column_holds() -> None:
    entries = (amended(7, name="first", message="m"), started(8), amended(9, name="second"))
    assert legacy(*entries) == {"name": (9, "t6:second"), "message": (7, "t1:m")}


def test_other_events_amend_nothing() -> None:
    assert amendments(LEGACY, [started(7)]) == []
    assert legacy(started(7), amended(8, name="n")) == {"name": (8, "t1:n")}


def test_amendments_come_in_the_order_of_the_table_s_columns() -> None:
    entries = [amended(7, message="m"), amended(8, name="n")]
    assert amendments(LEGACY, entries) == [
        (1, Amendment(8, "t1:n", "n")),
        (9, Amendment(7, "t1:m", "m")),
    ]


def test_the_legacy_table_calls_the_trigger_type_the_restore_method() -> None:
    entry = amended(7, trigger_type="manual")
    assert legacy(entry) == {"restore_method": (7, "t6:manual")}
    assert consolidated(entry) == {"trigger_type": (7, "t6:manual")}


def test_an_amendment_of_a_column_that_the_table_lacks_is_none_of_its_own() -> None:
    entry = amended(7, is_overwrite=True, name="n")
    assert legacy(entry) == {"name": (7, "t1:n")}
    # No amendment can be of this one, which the consolidated table has under another name.
    assert consolidated(amended(7, restore_method="manual", name="n")) == {"name": (7, "t1:n")}


def test_a_partial_outcome_is_a_completed_one_in_the_legacy_table_alone() -> None:
    entry = amended(7, status="partial", message="partial")
    assert legacy(entry) == {"status": (7, "t9:completed"), "message": (7, "t7:partial")}
    assert consolidated(entry)["status"] == (7, "t7:partial")
    assert legacy(amended(7, status="failed")) == {"status": (7, "t6:failed")}


def test_an_amended_backup_is_the_one_that_each_table_calls_so() -> None:
    entry = amended(7, BACKUP, source_backup_id=99, duration_seconds=17)
    seconds = {"duration_seconds": (7, "i2:17")}
    both = seconds | {"backup_id": (7, f"u36:{BACKUP.backup_id}")}
    assert legacy(entry) == {"source_backup_id": (7, "i1:7")} | both
    assert consolidated(entry) == {"source_backup_id": (7, "i13:1000000000007")} | both


def test_a_backup_that_the_legacy_table_cannot_hold_is_none_there() -> None:
    files = BackupRef(backup_id=BACKUP.backup_id, legacy=None, consolidated=8)
    entry = amended(7, files, source_backup_id=8)
    linked = {"backup_id": (7, f"u36:{BACKUP.backup_id}")}
    assert legacy(entry) == {"source_backup_id": (7, "-")} | linked
    assert consolidated(entry) == {"source_backup_id": (7, "i1:8")} | linked


def test_an_amendment_may_take_the_backup_away() -> None:
    entry = amended(7, source_backup_id=None)
    assert legacy(entry) == {"source_backup_id": (7, "-"), "backup_id": (7, "-")}
    assert consolidated(entry) == {"source_backup_id": (7, "-"), "backup_id": (7, "-")}


def test_what_was_said_is_kept_as_each_table_means_it() -> None:
    entry = amended(7, BACKUP, source_backup_id=99, status="partial", name="n" * 256)
    linked = BACKUP.backup_id.hex
    assert [a.said for _, a in amendments(LEGACY, [entry])] == ["n" * 256, 7, "completed", linked]
    assert [a.said for _, a in amendments(CONSOLIDATED, [entry])] == [
        "n" * 256,
        OFFSET + 7,
        "partial",
        linked,
    ]


def test_the_amended_columns_are_listed_in_order_by_the_table_s_own_names() -> None:
    entries = [
        amended(7, BACKUP, source_backup_id=99, trigger_type="manual"),
        started(8),
        amended(9, is_overwrite=True, name="first"),
        amended(10, name="second"),
    ]
    assert amended_columns(LEGACY, entries) == '["name","restore_method","source_backup_id"]'
    assert amended_columns(CONSOLIDATED, entries) == (
        '["is_overwrite","name","source_backup_id","trigger_type"]'
    )
    assert amended_columns(LEGACY, [started(7)]) == "[]"
    assert amended_columns(LEGACY, [amended(7, is_overwrite=True)]) == "[]"


@pytest.mark.parametrize("column", ["origin", "version", "amended", "extra", "restore_id"])
def test_what_the_service_says_of_a_row_cannot_be_amended(column: str) -> None:
    entry = amended(7, **{column: "x"})
    assert legacy(entry) == {}
    assert amended_columns(CONSOLIDATED, [entry]) == "[]"


@pytest.mark.parametrize(
    ("holds", "value", "cell"),
    [
        (
            ColumnKind("time"),
            Tagged("time", "2024-02-29 12:00:00"),
            "d26:2024-02-29T12:00:00.000000",
        ),
        (ColumnKind("time", null=True), None, "-"),
        (ColumnKind("time"), None, UNFIT),
        (ColumnKind("time"), "2024-02-29 12:00:00", UNFIT),
        (ColumnKind("time"), Tagged("raw", "2024-02-29 12:00:00"), UNFIT),
        (ColumnKind("text", 5), "käse", "t5:käse"),
        (ColumnKind("text", 5, null=True), None, "-"),
        (ColumnKind("text", 255), Tagged("time", "2024-02-29 12:00:00"), UNFIT),
        (ColumnKind("person", 255), Tagged("decimal", "7.50"), "t4:7.50"),
    ],
)
def test_the_cell_of_a_value_as_an_event_keeps_it(
    holds: ColumnKind, value: Value, cell: str
) -> None:
    assert value_cell(holds, value) == cell


def test_what_was_said_stays_said() -> None:
    amendment = Amendment(7, "t1:n", "n")
    with pytest.raises(FrozenInstanceError):
        amendment.cell = "t1:m"  # type: ignore[misc]
