"""What the consolidated restore table shows: given these events, then this row."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.events import Event
from domain.restores import events as restores
from domain.restores.values import BackupRef
from domain.values import Tagged
from projections.system_backups.projector import project
from projections.system_backups.rows import RestoreRow
from tests.projections.histories import (
    BACKUP,
    NATIVE,
    NOON,
    RESTORE,
    consolidated_columns,
    event,
    folded,
    legacy_columns,
    uuid,
)


def given(*types_and_changes: Any) -> RestoreRow:
    return folded(project, *types_and_changes)


def test_a_legacy_row_stands_at_its_offset_id_with_its_values_renamed():
    row = given(restores.RestoreImported)
    assert (row.id, row.origin, row.version) == (1_000_000_000_041, "legacy", 1)
    assert (row.name, row.status, row.message) == ("nightly", "completed", "done")
    assert (row.trigger_type, row.target_database) == ("automatic", "shop")
    assert (row.restore_type, row.is_overwrite) == ("database", False)
    assert (row.duration_seconds, row.created_by_id, row.created_by_username) == (17, "3", "grace")
    assert row.started_at == datetime(2021, 3, 28, 0, 59, 59, 999999, tzinfo=UTC)
    assert row.completed_at == datetime(2021, 3, 28, 1, 0, tzinfo=UTC)
    assert row.created_at == datetime(2021, 3, 28, 0, 59, tzinfo=UTC)
    assert row.updated_at == datetime(2021, 3, 28, 1, 0, tzinfo=UTC)
    assert (row.source_backup_id, row.backup_id) == (1_000_000_000_007, uuid("backup"))
    assert (row.amended, row.extra, row.unfit, row.restore_id) == ("[]", "{}", {}, RESTORE)


def test_a_consolidated_row_keeps_its_own_id_and_backup():
    row = given((restores.RestoreImported, NATIVE))
    assert (row.id, row.origin, row.source_backup_id) == (41, "consolidated", 7)
    assert (row.restore_type, row.trigger_type, row.is_overwrite) == ("full", "manual", True)
    assert row.backup_id == uuid("native backup")


def test_a_derived_value_wins_over_the_column_and_an_assumed_one_over_both():
    state = {
        "derived": {"target_database": "from the backup", "name": "derived"},
        "assumed": {"restore_type": "database", "is_overwrite": False, "name": "assumed"},
        "sources": {},
    }
    row = given((restores.RestoreImported, state))
    assert (row.target_database, row.name) == ("from the backup", "assumed")


def test_columns_nobody_named_stand_in_extra_verbatim_and_in_the_hosts_order():
    columns = legacy_columns(
        rack="odd", zone=None, blob=Tagged("bytes", "00ff"), ratio=Tagged("float", "nan")
    )
    assert given((restores.RestoreImported, {"columns": columns})).extra == (
        '{"rack":"odd","zone":null,"blob":{"$":"bytes","v":"00ff"},"ratio":{"$":"float","v":"nan"}}'
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, None), (3, "3"), (True, "true"), ("ab-cd", "ab-cd"), (Tagged("raw", "ab-cd"), "ab-cd")],
)
def test_who_created_it_is_the_hosts_key_as_text(value: Any, shown: str | None):
    columns = legacy_columns(created_by_id=value)
    assert given((restores.RestoreImported, {"columns": columns})).created_by_id == shown


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("name", 5, "not text: 5"),
        ("started_at", "2021-01-01", "not of a type of times: '2021-01-01'"),
        ("started_at", Tagged("time", "10000-01-01 00:00:00"), "not a time like YYYY-MM-DD"),
        ("created_at", Tagged("time", "0001-01-01 00:00:00+05:00"), "not a time like YYYY-MM-DD"),
        ("duration_seconds", True, "not a whole number: True"),
        ("duration_seconds", Tagged("decimal", "1.5"), "not a whole number: decimal '1.5'"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_column(column: str, value: Any, reason: str):
    row = given((restores.RestoreImported, {"columns": legacy_columns(**{column: value})}))
    assert list(row.unfit) == [column]
    assert reason in row.unfit[column]


def test_a_requested_restore_is_pending_and_stands_beyond_every_host_id():
    row = given((restores.RestoreRequested, {"backup": BACKUP}))
    assert (row.id, row.status, row.origin) == (2_000_000_000_005, "pending", "recorded")
    assert (row.created_at, row.updated_at, row.started_at) == (NOON, NOON, None)
    assert (row.created_by_id, row.created_by_username) == ("3", "ada")
    assert (row.source_backup_id, row.backup_id) == (1_000_000_000_007, uuid("backup"))


def test_a_completed_restore_shows_how_long_it_took():
    row = given(restores.RestoreRequested, restores.RestoreStarted, restores.RestoreCompleted)
    assert (row.status, row.duration_seconds, row.message) == ("completed", 180, "all good")
    assert (row.completed_at, row.updated_at) == (NOON + timedelta(minutes=4),) * 2
    assert (row.version, row.unfit) == (3, {})


def test_a_started_restore_is_in_progress_since_then():
    row = given(restores.RestoreRequested, restores.RestoreStarted)
    assert (row.status, row.completed_at, row.duration_seconds) == ("in_progress", None, None)
    assert (row.started_at, row.updated_at) == (NOON + timedelta(minutes=1),) * 2


def test_a_restore_that_ends_in_the_moment_it_starts_took_no_time():
    row = given(
        restores.RestoreRequested,
        restores.RestoreStarted,
        (restores.RestoreCompleted, {"completed_at": NOON + timedelta(minutes=1)}),
    )
    assert row.duration_seconds == 0


def test_a_duration_is_cut_to_whole_seconds():
    ended = NOON + timedelta(minutes=1, seconds=9, microseconds=999_999)
    row = given(
        restores.RestoreRequested,
        restores.RestoreStarted,
        (restores.RestoreCompleted, {"completed_at": ended, "outcome": "partial"}),
    )
    assert (row.status, row.duration_seconds) == ("partial", 9)


def test_a_restore_that_ended_before_it_started_has_no_duration():
    row = given(
        restores.RestoreRequested,
        restores.RestoreStarted,
        (restores.RestoreFailed, {"failed_at": NOON}),
    )
    assert (row.status, row.completed_at, row.duration_seconds) == ("failed", NOON, None)
    assert row.message == "disk full"


def test_a_restore_cancelled_before_it_started_was_never_completed():
    row = given(restores.RestoreRequested, restores.RestoreCancelled)
    assert (row.status, row.completed_at, row.duration_seconds) == ("cancelled", None, None)
    assert (row.updated_at, row.message) == (NOON + timedelta(minutes=3), "changed my mind")


def test_a_restore_cancelled_while_it_ran_ended_then():
    row = given(restores.RestoreRequested, restores.RestoreStarted, restores.RestoreCancelled)
    assert row.completed_at == NOON + timedelta(minutes=3)
    assert row.duration_seconds == 120


def test_an_amendment_wins_over_what_the_host_says_later():
    amended = {"name": "mine", "started_at": Tagged("time", "2024-01-02 03:04:05")}
    row = given(
        restores.RestoreImported,
        (restores.RestoreAmended, {"changes": amended}),
        (
            restores.RestoreChangedInHost,
            {"columns": legacy_columns(name="theirs", message="theirs", started_at=None)},
        ),
    )
    assert (row.name, row.message) == ("mine", "theirs")
    assert row.started_at == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert row.amended == '["name","started_at"]'


def test_an_amended_backup_is_shown_by_its_id_in_this_table():
    other = BackupRef(backup_id=uuid("other"), legacy=8, consolidated=9)
    state = {"changes": {"source_backup_id": 9}, "backup": other}
    row = given(
        restores.RestoreImported, (restores.RestoreAmended, state), restores.RestoreChangedInHost
    )
    assert (row.source_backup_id, row.backup_id) == (9, uuid("other"))


def test_an_amendment_mends_a_value_that_did_not_fit():
    row = given(
        (restores.RestoreImported, {"columns": legacy_columns(name=5)}),
        (restores.RestoreAmended, {"changes": {"name": "five"}}),
        (restores.RestoreChangedInHost, {"columns": legacy_columns(name=5)}),
    )
    assert (row.name, row.unfit) == ("five", {})


def test_an_amendment_that_does_not_fit_is_named_and_stays_so():
    row = given(
        restores.RestoreImported,
        (restores.RestoreAmended, {"changes": {"duration_seconds": "an hour"}}),
    )
    assert row.unfit == {"duration_seconds": "not a whole number: 'an hour'"}
    row = given(
        restores.RestoreImported,
        (restores.RestoreAmended, {"changes": {"duration_seconds": "an hour"}}),
        restores.RestoreChangedInHost,
    )
    assert row.unfit == {"duration_seconds": "not a whole number: 'an hour'"}


def test_a_vanished_row_stands_no_longer_and_returns_with_its_amendments():
    vanished = given(
        restores.RestoreImported, restores.RestoreAmended, restores.RestoreVanishedFromHost
    )
    assert not vanished.present
    returned = given(
        restores.RestoreImported,
        restores.RestoreAmended,
        restores.RestoreVanishedFromHost,
        (restores.RestoreReturnedToHost, {"columns": legacy_columns(status="odd")}),
    )
    assert (returned.present, returned.name, returned.status) == (True, "renamed", "odd")
    assert returned.version == 4


@pytest.mark.parametrize(
    "type_", [restores.RestoreStarted, restores.RestoreAmended, restores.RestoreVanishedFromHost]
)
def test_an_event_of_a_restore_that_has_no_row_here_makes_none(type_: type[Event]):
    assert project(None, event(type_, 2)) is None


def test_a_boolean_column_takes_true_false_zero_and_one():
    columns = consolidated_columns(is_overwrite=2)
    odd = given((restores.RestoreImported, {**NATIVE, "columns": columns}))
    assert odd.unfit == {"is_overwrite": "neither true nor false: 2"}
    columns = consolidated_columns(is_overwrite=False)
    assert given((restores.RestoreImported, {**NATIVE, "columns": columns})).is_overwrite is False


@pytest.mark.parametrize("end", [restores.RestoreCompleted, restores.RestoreFailed])
def test_an_end_says_how_many_warnings_were_counted(end: type[Event]):
    begun = (restores.RestoreRequested, restores.RestoreStarted)
    assert given(*begun, (end, {"warnings_count": 3})).warnings_count == 3
    assert given(*begun, (end, {"warnings_count": None})).warnings_count is None
    assert given(*begun, restores.RestoreCancelled).warnings_count is None
