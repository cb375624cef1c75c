"""What the legacy tables show where they differ from the consolidated ones."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.backups import events as backups
from domain.events import Event
from domain.restores import events as restores
from domain.restores.values import BackupRef
from domain.values import Tagged
from projections.database_management import backup_projector, projector
from projections.database_management.rows import RestoreRow
from projections.database_management.scope import includes
from projections.system_backups import backup_projector as consolidated_backup_projector
from projections.system_backups import projector as consolidated_projector
from projections.system_backups.scope import includes as stands_in_consolidated
from tests.projections.histories import (
    BACKUP,
    NATIVE,
    NOON,
    backup_columns,
    event,
    folded,
    legacy_columns,
    uuid,
)


def given(*types_and_changes: Any) -> RestoreRow:
    return folded(projector.project, *types_and_changes)


def test_a_legacy_row_keeps_its_own_id_and_names_its_backup_by_the_legacy_id():
    row = given(restores.RestoreImported)
    assert (row.id, row.restore_method, row.source_backup_id) == (41, "automatic", 7)
    assert (row.backup_id, row.target_database) == (uuid("backup"), "shop")
    assert row.unfit == {}


def test_an_empty_target_is_the_hosts_own_here_and_not_specified_in_the_other_table():
    said = {
        "columns": legacy_columns(target_database=""),
        "derived": {"target_database": "of the backup"},
    }
    assert given((restores.RestoreImported, said)).target_database == ""
    other = folded(consolidated_projector.project, (restores.RestoreImported, said))
    assert other.target_database == "of the backup"


def test_a_recorded_restore_of_a_database_stands_at_the_same_id_as_in_the_other_table():
    row = given((restores.RestoreRequested, {"backup": BACKUP, "trigger_type": "recovery"}))
    assert (row.id, row.restore_method, row.source_backup_id) == (2_000_000_000_005, "recovery", 7)


def test_a_requested_restore_is_pending_and_of_no_host():
    row = given(restores.RestoreRequested)
    assert (row.status, row.origin, row.amended, row.extra) == ("pending", "recorded", "[]", "{}")


def test_a_row_that_vanished_stands_no_longer():
    row = given(restores.RestoreImported, restores.RestoreVanishedFromHost)
    assert (row.present, row.version) == (False, 2)


def test_a_status_amended_to_partial_is_called_completed_here():
    amended = (restores.RestoreAmended, {"changes": {"status": "partial"}})
    assert given(restores.RestoreImported, amended).status == "completed"
    assert given(restores.RestoreImported, restores.RestoreAmended).status == "completed"


def test_a_partial_outcome_is_called_completed_here():
    row = given(
        restores.RestoreRequested,
        restores.RestoreStarted,
        (restores.RestoreCompleted, {"outcome": "partial"}),
    )
    assert row.status == "completed"


def test_an_amended_trigger_type_is_the_restore_method_here_and_keeps():
    changes = {"trigger_type": "recovery", "is_overwrite": True}
    row = given(
        restores.RestoreImported,
        (restores.RestoreAmended, {"changes": changes}),
        restores.RestoreChangedInHost,
    )
    assert (row.restore_method, row.amended) == ("recovery", '["restore_method"]')


def test_an_amended_backup_is_shown_by_its_legacy_id():
    other = BackupRef(backup_id=uuid("other"), legacy=8, consolidated=9)
    state = {"changes": {"source_backup_id": 9}, "backup": other}
    row = given(restores.RestoreImported, (restores.RestoreAmended, state))
    assert (row.source_backup_id, row.backup_id) == (8, uuid("other"))


LEGACY = event(restores.RestoreImported)
CONSOLIDATED = event(restores.RestoreImported, **NATIVE)
DATABASE = event(restores.RestoreRequested)
FILES = event(restores.RestoreRequested, restore_type="files")
LATER = event(restores.RestoreStarted, 2)
BACKUP_OF_FILES = event(backups.BackupRegistered, backup_type="files")
BACKUP_OF_ALL = event(backups.BackupRegistered, backup_type="full")


@pytest.mark.parametrize(
    ("born", "legacy", "native", "everything"),
    [
        (LEGACY, True, False, True),
        (CONSOLIDATED, False, True, True),
        (DATABASE, True, True, True),
        (FILES, False, True, True),
        (LATER, True, True, True),
        (BACKUP_OF_FILES, False, True, True),
        (BACKUP_OF_ALL, True, True, True),
    ],
)
def test_which_row_stands_where(born: Event, legacy: bool, native: bool, everything: bool):
    assert includes("native", born) is includes("all", born) is legacy
    assert stands_in_consolidated("native", born) is native
    assert stands_in_consolidated("all", born) is everything


@pytest.mark.parametrize(
    ("project", "id_"),
    [
        (backup_projector.project, 7),
        (consolidated_backup_projector.project, 1_000_000_000_007),
    ],
)
def test_an_imported_backup(project: Any, id_: int):
    row = project(None, event(backups.BackupImported, stream=uuid("backup")))
    assert (row.id, row.name, row.backup_type, row.status) == (id_, "monday", "full", "completed")
    assert (row.database_name, row.file_path, row.size_bytes) == ("shop", "/backups/monday", 123)
    assert (row.backup_id, row.origin, row.version) == (uuid("backup"), "legacy", 1)
    assert (row.updated_at, row.unfit) == (None, {})
    gone = project(row, event(backups.BackupVanishedFromHost, 2))
    assert (gone.present, gone.version) == (False, 2)
    back = project(gone, event(backups.BackupReturnedToHost, 3, stream=uuid("backup")))
    assert (back.present, back.version) == (True, 3)


@pytest.mark.parametrize(
    ("project", "born", "other"),
    [
        (projector.project, LEGACY, BACKUP_OF_ALL),
        (consolidated_projector.project, LEGACY, BACKUP_OF_ALL),
        (backup_projector.project, BACKUP_OF_ALL, DATABASE),
        (consolidated_backup_projector.project, BACKUP_OF_ALL, DATABASE),
    ],
)
def test_an_event_that_says_nothing_of_a_row_leaves_it(project: Any, born: Event, other: Event):
    row = project(None, born)
    assert row is not None
    assert project(row, other) is row


@pytest.mark.parametrize("tables", [backup_projector, consolidated_backup_projector])
def test_an_imported_backup_that_was_changed_says_when(tables: Any):
    columns = backup_columns(updated_at=Tagged("time", "2021-03-02 12:00:00"))
    row = tables.project(None, event(backups.BackupImported, columns=columns))
    assert row.updated_at == datetime(2021, 3, 2, 12, tzinfo=UTC)
    assert row.unfit == {}


def test_a_registered_backup_has_one_id_in_both_tables():
    registered = event(backups.BackupRegistered, 1, 9)
    for project in (backup_projector.project, consolidated_backup_projector.project):
        row = project(None, registered)
        assert row is not None
        assert (row.id, row.origin, row.created_at) == (2_000_000_000_009, "recorded", NOON)
