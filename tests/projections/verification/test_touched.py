"""Only what was touched since a position: each row of it with what the log says."""

from typing import Any

import pytest
from django.db import connection, transaction

from domain.backups.events import BackupImported
from domain.events import Event
from domain.restores.events import RestoreAmended, RestoreVanishedFromHost
from domain.values import Tagged
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from projections.engine.catch_up import catch_up
from projections.engine.rebuild import rebuild
from projections.verification import delta
from projections.verification.delta import ComparedTable, Delta, verify_delta
from projections.verification.differences import Difference
from tests.builders import (
    NOON,
    OFFSET,
    backup_registered,
    completed,
    imported,
    legacy_columns,
    requested,
    started,
    stream,
)
from tests.projections.verification.in_memory import ADOPTED

LEGACY = "database_management.RestoreLog"
CONSOLIDATED = "system_backups.RestoreLog"
BACKUPS = ("database_management.BackupLog", "system_backups.BackupLog")
NATIVE = {
    label: ComparedTable(label.replace(".", "_").lower(), "native")
    for label in (*BACKUPS, LEGACY, CONSOLIDATED)
}
ALL = {label: ComparedTable(place.table, "all") for label, place in NATIVE.items()}


def append(*events: Event) -> None:
    """Record these, and bring the projections up to them."""
    Log().append([new_event(event) for event in events])
    catch_up()


def verify(places: dict[str, ComparedTable] = NATIVE, *, since: int = 0) -> Delta:
    with transaction.atomic():
        return verify_delta(
            connection.vendor, connection.connection, places, since=since, id_offset=OFFSET
        )


def assert_equal(found: Delta, *, rows: int) -> None:
    """So many rows were looked at, and nothing was found."""
    assert (found.rows, found.differences, found.unfit) == (rows, [], set())


def change(statement: str, *params: Any) -> None:
    """Change one row, behind the engine's back."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        assert cursor.rowcount == 1


def consolidated(number: int, key: int) -> Event:
    """A row of the host's consolidated table."""
    columns = legacy_columns(
        key, restore_type="database", trigger_type="manual", is_overwrite=False
    )
    del columns["restore_method"]
    return imported(
        number,
        origin="consolidated",
        legacy_id=None,
        consolidated_id=key,
        columns=columns,
        assumed={},
        sources={},
    )


def backup(number: int, key: int, **changes: Any) -> BackupImported:
    """A row of the host's legacy table of backups."""
    details: dict[str, Any] = {
        "originator_id": stream(number),
        "originator_version": 1,
        "origin": "legacy",
        "legacy_id": key,
        "consolidated_id": OFFSET + key,
        "columns": {"id": key, "name": "weekly", "size_bytes": 5},
        "derived": {},
        "assumed": {},
        "sources": {},
    }
    return BackupImported(**{**details, **changes})


@pytest.fixture
def service(database: str) -> None:
    """A service that has rows of every kind: positions 2 to 10."""
    append(
        ADOPTED,
        imported(1, key=7),
        consolidated(2, key=7),
        requested(3),
        started(3),
        completed(3),
        requested(4, restore_type="full"),
        backup_registered(900),
        backup(901, key=3),
        backup(902, key=3, origin="consolidated", legacy_id=None, consolidated_id=3),
    )


@pytest.mark.usefixtures("service")
def test_rows_that_show_what_the_log_says_are_no_difference() -> None:
    # Four restores and three backups, each looked for in two tables.
    assert_equal(verify(), rows=14)


@pytest.mark.usefixtures("service")
def test_rows_of_both_tables_in_the_consolidated_one_are_no_difference() -> None:
    rebuild(scope="all")
    assert_equal(verify(ALL), rows=14)


@pytest.mark.usefixtures("service")
def test_only_what_was_touched_since_is_looked_at() -> None:
    change("UPDATE database_management_restorelog SET message = 'no' WHERE id = 7")
    assert_equal(verify(since=10), rows=0)
    assert_equal(verify(since=9), rows=2)
    append(
        RestoreAmended(
            originator_id=stream(1),
            originator_version=2,
            amended_at=NOON,
            changes={"name": "amended"},
            backup=None,
        )
    )
    found = verify(since=10)
    assert found.rows == 2
    assert found.differences == [Difference(LEGACY, 7, "message", "done", "no", "projection_wrong")]


@pytest.mark.usefixtures("service")
def test_only_the_tables_that_are_asked_for_are_looked_at() -> None:
    assert_equal(verify({LEGACY: NATIVE[LEGACY]}), rows=4)


@pytest.mark.usefixtures("service")
def test_more_rows_than_a_query_asks_for_are_all_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delta, "PER_QUERY", 3)
    change("UPDATE system_backups_restorelog SET message = 'no'  WHERE id = 7")
    found = verify()
    assert found.rows == 14
    assert found.differences == [
        Difference(CONSOLIDATED, 7, "message", "done", "no", "projection_wrong")
    ]


@pytest.mark.usefixtures("service")
def test_every_column_that_differs_is_named() -> None:
    change(
        "UPDATE database_management_restorelog SET name = 'x', duration_seconds = 1 "
        "WHERE name = 'restore 3'"
    )
    pk = 2 * OFFSET + 4
    assert verify().differences == [
        Difference(LEGACY, pk, "name", "restore 3", "x", "projection_wrong"),
        Difference(LEGACY, pk, "duration_seconds", 180, 1, "projection_wrong"),
    ]


@pytest.mark.usefixtures("service")
def test_a_backup_that_differs_is_found() -> None:
    change("UPDATE database_management_backuplog SET size_bytes = 6 WHERE id = 3")
    assert verify().differences == [
        Difference(BACKUPS[0], 3, "size_bytes", 5, 6, "projection_wrong")
    ]


@pytest.mark.usefixtures("service")
def test_a_row_that_is_not_there_is_found() -> None:
    change("DELETE FROM system_backups_restorelog WHERE id = 7")
    assert verify().differences == [
        Difference(CONSOLIDATED, 7, "", "nightly 7", None, "projection_wrong")
    ]


@pytest.mark.usefixtures("service")
def test_legacy_rows_are_missed_once_they_must_stand_in_the_consolidated_tables() -> None:
    assert verify(ALL).differences == [
        Difference(BACKUPS[1], OFFSET + 3, "", "weekly", None, "projection_wrong"),
        Difference(CONSOLIDATED, OFFSET + 7, "", "nightly 7", None, "projection_wrong"),
    ]


@pytest.mark.usefixtures("service")
def test_legacy_rows_are_found_where_they_must_not_stand_yet() -> None:
    rebuild(scope="all")
    assert verify(NATIVE).differences == [
        Difference(BACKUPS[1], OFFSET + 3, "", None, "weekly", "projection_wrong"),
        Difference(CONSOLIDATED, OFFSET + 7, "", None, "nightly 7", "projection_wrong"),
    ]


@pytest.mark.usefixtures("service")
def test_a_row_that_has_vanished_from_the_host_must_not_stand() -> None:
    append(RestoreVanishedFromHost(originator_id=stream(2), originator_version=2))
    assert_equal(verify(since=10), rows=2)


@pytest.mark.usefixtures("service")
def test_a_row_that_no_column_can_hold_must_not_stand() -> None:
    append(imported(5, key=8, columns=legacy_columns(8, started_at=Tagged("time", "never"))))
    found = verify(since=10)
    assert (found.rows, found.differences) == (2, [])
    assert found.streams == found.unfit == {stream(5).hex}


@pytest.mark.usefixtures("service")
def test_what_does_not_fit_is_found_in_tables_that_are_not_read() -> None:
    append(imported(5, key=8, columns=legacy_columns(8, started_at=Tagged("time", "never"))))
    found = verify({LEGACY: ComparedTable(None, "native")}, since=0)
    assert (found.rows, found.differences) == (0, [])
    assert found.unfit == {stream(5).hex}
    assert found.streams == {stream(n).hex for n in (1, 2, 3, 4, 5, 900, 901, 902)}


@pytest.mark.usefixtures("service")
def test_a_row_that_stands_as_another_s_is_found() -> None:
    other = stream(77) if connection.vendor == "postgresql" else stream(77).hex
    change("UPDATE database_management_restorelog SET restore_id = %s WHERE id = 7", other)
    assert verify().differences == [
        Difference(LEGACY, 7, "", "nightly 7", None, "projection_wrong")
    ]
