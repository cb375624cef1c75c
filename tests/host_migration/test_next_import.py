"""The next import after a migration of the host moved its legacy rows: nothing is doubled."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from api import accounts
from domain.backups.events import BackupCopyChangedInHost, BackupVanishedFromHost
from domain.restores.events import (
    RestoreChangedInHost,
    RestoreCopyChangedInHost,
    RestoreVanishedFromHost,
)
from infrastructure.event_store.log import Log
from infrastructure.hosts import errors
from projections.consolidation import steps
from projections.consolidation.errors import NotAllMoved
from projections.consolidation.step_request import StepRequest
from projections.services import host_import
from projections.services.host_inspection import inspect_host
from projections.verification.report import report_as_json
from projections.verification.verify import verify
from tests.infrastructure.hosts.tiny import (
    CONSOLIDATED,
    CONSOLIDATED_BACKUPS,
    LEGACY,
    LEGACY_BACKUPS,
    TinyHost,
)
from tests.support import here as commands
from tests.support import moving, raw

OFFSET = 10**12
ROWS = 6


class Stage:
    """A host and a service that imported it and was cut over."""

    def __init__(self, url: str, folder: Path) -> None:
        self.host = TinyHost(url)
        self.url = url
        self.folder = folder
        self.host.fill(ROWS)
        self.host.add(LEGACY, 50, source_backup_id=2, target_database="", message="no target")
        self.host.add(LEGACY, 51, source_backup_id=99, name="its backup is gone")
        self.import_again()

    def import_again(self, **options: Any) -> Any:
        """What the import reports."""
        return host_import.import_host(self.url, actor="ops", **options).report

    def cut_over(self) -> None:
        files = {"certificate": self.folder / "c.json", "snapshot": self.folder / "s.sqlite3"}
        steps.cut_over(self.url, StepRequest("ops", None, None), **files)

    def retire(self) -> None:
        steps.retire(self.url, StepRequest("ops", "done", None), certificate=self.folder / "r.json")

    def verify(self) -> dict[str, Any]:
        return report_as_json(verify(self.url, limit=None))

    def new_events(self, **options: Any) -> list[Any]:
        """The events of the next import."""
        before = Log().head().position
        report = self.import_again(**options)
        found = [event for chunk in Log().events(before) for event in chunk]
        assert len(found) == report.events
        return found

    def change(self, table: str, key: int, **values: Any) -> None:
        """Change columns of one row of the host."""
        for name, value in values.items():
            mark = "?" if self.url.startswith("sqlite") else "%s"
            sql = f"UPDATE {table} SET {name} = {mark} WHERE id = {key}"
            assert raw.execute(self.url, sql, [value]) == 1

    def change_copy(self, legacy_id: int, **values: Any) -> None:
        self.change(CONSOLIDATED, moving.copy_of(self.url, legacy_id), **values)

    def delete(self, table: str, key: int) -> None:
        assert raw.execute(self.url, f"DELETE FROM {table} WHERE id = {key}") == 1


def here(table: str, key: int, *columns: str) -> tuple[Any, ...]:
    """Columns of one row of a projection."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE id = %s", [key])
        return tuple(cursor.fetchone())


@pytest.fixture
def stage(database: str, host_url: str, tmp_path: Path, public_key: Path) -> Stage:
    made = Stage(host_url, tmp_path)
    made.cut_over()
    return made


@pytest.fixture
def moved(stage: Stage) -> Stage:
    moving.move(stage.url)
    return stage


def test_an_unchanged_host_that_moved_its_rows_has_nothing_new(moved):
    report = moved.import_again()
    assert report.events == 0
    told = {label: (table.rows, table.unchanged) for label, table in report.tables.items()}
    assert told == {
        "database_management.BackupLog": (3, 3),
        "system_backups.BackupLog": (6, 6),
        "database_management.RestoreLog": (ROWS + 2, ROWS + 2),
        "system_backups.RestoreLog": (2 * ROWS + 2, 2 * ROWS + 2),
    }
    assert moved.verify()["equal"]
    of_backups = {"rows": 3, "missing": 0, "first_missing": [], "waiting": 0, "first_waiting": []}
    assert report.as_dict()["moved"] == {
        "system_backups.BackupLog": of_backups,
        "system_backups.RestoreLog": of_backups
        | {"rows": ROWS + 2, "not_moved": 0, "first_not_moved": []},
    }


def test_a_host_that_moved_nothing_reports_as_ever(stage):
    assert "moved" not in stage.import_again().as_dict()
    assert "moved" not in stage.verify()


def test_a_changed_copy_is_a_change_of_its_restore(moved):
    moved.change_copy(3, status="failed", message="edited in the new table")
    assert not moved.verify()["equal"]
    (event,) = moved.new_events()
    assert isinstance(event, RestoreCopyChangedInHost)
    assert (event.legacy_id, event.columns["status"]) == (3, "failed")
    assert event.copy_columns["id"] == moving.copy_of(moved.url, 3)
    for table, key in ((LEGACY, 3), (CONSOLIDATED, OFFSET + 3)):
        assert here(table, key, "status", "message") == ("failed", "edited in the new table")
    found = moved.verify()
    assert found["equal"], found["differences"]
    assert moved.import_again().events == 0


def test_columns_that_a_legacy_row_never_had_change_with_its_copy(moved):
    moved.change_copy(2, restore_type="full", is_overwrite=True, trigger_type="recovery")
    assert len(moved.new_events()) == 1
    shown = here(CONSOLIDATED, OFFSET + 2, "restore_type", "is_overwrite", "trigger_type")
    assert shown == ("full", True, "recovery")
    (method, extra) = here(LEGACY, 2, "restore_method", "extra")
    assert method == "recovery"
    assert "restore_type" in str(extra)
    found = moved.verify()
    assert found["equal"], found["differences"]


def test_a_copy_that_is_changed_back_is_another_change(moved):
    moved.change_copy(3, status="failed")
    assert len(moved.new_events()) == 1
    moved.change_copy(3, status="completed")
    assert len(moved.new_events()) == 1
    assert here(LEGACY, 3, "status") == ("completed",)
    assert moved.verify()["equal"]
    assert moved.import_again().events == 0


def test_a_rebuilt_index_does_not_forget_what_a_copy_said(moved):
    moved.change_copy(3, status="failed")
    moved.import_again()
    assert moved.import_again(rebuild_index=True).events == 0
    assert moved.verify()["equal"]


def test_a_changed_legacy_row_is_a_change_until_it_is_carried_over_and_no_other_then(moved):
    moved.change(LEGACY, 4, status="failed", message="by old code")
    (event,) = moved.new_events()
    assert isinstance(event, RestoreChangedInHost)
    assert moved.import_again().events == 0
    assert moved.verify()["equal"]
    moving.carry_over(moved.url, 4)
    assert moved.import_again().events == 0
    found = moved.verify()
    assert found["equal"], found["differences"]


def test_a_row_that_was_changed_on_both_sides_is_a_conflict_until_both_say_the_same(moved):
    moved.change(LEGACY, 4, status="failed")
    moved.change_copy(4, status="cancelled")
    before = Log().head()
    with pytest.raises(errors.MovedRowsConflict) as caught:
        moved.import_again()
    assert Log().head() == before
    assert f"4 (copy {moving.copy_of(moved.url, 4)})" in str(caught.value)
    found = moved.verify()
    assert not found["equal"]
    assert [pair["legacy_id"] for pair in found["moved"]["conflicts"]] == [4]
    moved.change_copy(4, status="failed")
    assert len(moved.new_events()) == 1
    assert moved.verify()["equal"]


def test_a_copy_that_never_had_the_last_change_of_its_row_is_a_conflict_too(moved):
    moved.change(LEGACY, 4, status="failed", duration_seconds=17)
    moved.import_again()
    moved.change_copy(4, message="by new code")
    with pytest.raises(errors.MovedRowsConflict):
        moved.import_again()
    assert [pair["legacy_id"] for pair in moved.verify()["moved"]["conflicts"]] == [4]


def test_a_row_of_which_only_the_copy_is_left_has_not_vanished(moved):
    moved.delete(LEGACY, 2)
    assert moved.import_again().events == 0
    found = moved.verify()
    assert found["equal"], found["differences"]
    moved.delete(CONSOLIDATED, moving.copy_of(moved.url, 2))
    (event,) = moved.new_events()
    assert isinstance(event, RestoreVanishedFromHost)
    assert moved.verify()["equal"]


def test_a_missing_copy_is_named_while_its_row_is_there(moved):
    moved.delete(CONSOLIDATED, moving.copy_of(moved.url, 2))
    report = moved.import_again()
    assert report.events == 0
    told = report.as_dict()["moved"]["system_backups.RestoreLog"]
    assert (told["missing"], told["first_missing"]) == (1, [2])


def test_a_copy_that_takes_a_backup_of_its_own_names_it(moved):
    moved.change_copy(2, source_backup_id=1)
    moved.import_again()
    assert here(CONSOLIDATED, OFFSET + 2, "source_backup_id") == (1,)
    assert here(LEGACY, 2, "source_backup_id") == (None,)
    found = moved.verify()
    assert found["equal"], found["differences"]


def test_a_copy_that_takes_another_moved_backup_names_the_legacy_one(moved):
    moved.change_copy(2, source_backup_id=moving.copy_of(moved.url, 3, "backup"))
    moved.import_again()
    assert here(CONSOLIDATED, OFFSET + 2, "source_backup_id") == (OFFSET + 3,)
    assert here(LEGACY, 2, "source_backup_id") == (3,)
    found = moved.verify()
    assert found["equal"], found["differences"]


def test_copies_of_backups_are_followed_as_well(moved):
    copy = moving.copy_of(moved.url, 1, "backup")
    moved.change(CONSOLIDATED_BACKUPS, copy, status="expired")
    (event,) = moved.new_events()
    assert isinstance(event, BackupCopyChangedInHost)
    assert here(LEGACY_BACKUPS, 1, "status") == ("expired",)
    found = moved.verify()
    assert found["equal"], found["differences"]
    moved.delete(LEGACY_BACKUPS, 1)
    assert moved.import_again().events == 0
    moved.delete(CONSOLIDATED_BACKUPS, copy)
    assert [type(one) for one in moved.new_events()] == [BackupVanishedFromHost]


def test_a_new_restore_that_names_a_moved_backup_has_that_backups_database(moved):
    copy = moving.copy_of(moved.url, 2, "backup")
    moved.host.add(CONSOLIDATED, 900, name="by new code", source_backup_id=copy)
    assert len(moved.new_events()) == 1
    assert here(CONSOLIDATED, 900, "target_database") == ("db2",)
    found = moved.verify()
    assert found["equal"], found["differences"]


def test_a_restore_is_found_by_its_legacy_id_its_copys_id_and_its_id_here(moved):
    moved.import_again()
    copy = moving.copy_of(moved.url, 51)
    backup = moving.copy_of(moved.url, 3, "backup")
    auditor = accounts.new_token(accounts.create("auditor", roles=("auditor",)))
    client = Client(headers={"Authorization": f"Token {auditor}"})
    found = {
        client.get(f"/api/v1/{path}/").json()["restore_id"]
        for path in ("legacy/restores/51", f"restores/{copy}", f"restores/{OFFSET + 51}")
    }
    assert len(found) == 1
    assert client.get(f"/api/v1/restores/{copy}/events/").status_code == 200
    assert client.get(f"/api/v1/backups/{backup}/").json()["id"] == OFFSET + 3
    (restore,) = found
    assert restore in commands.run("describe", str(copy), "--json").out
    assert restore in commands.run("audit", str(copy), "--json").out
    moving.move_back(moved.url)
    moved.import_again()
    assert client.get(f"/api/v1/restores/{copy}/").status_code == 404


def test_a_target_database_that_the_migration_derived_is_no_change_and_another_is(moved):
    moved.change(CONSOLIDATED, 1, target_database="chosen")
    assert len(moved.new_events()) == 1
    assert here(CONSOLIDATED, 1, "target_database") == ("chosen",)
    assert moved.verify()["equal"]


def test_new_rows_on_both_sides_are_new(moved):
    moved.host.add(LEGACY, 60, name="by old code")
    moved.host.add(CONSOLIDATED, 900, name="by new code", target_database="crm")
    assert len(moved.new_events()) == 2
    moving.move_rest(moved.url)
    assert moved.import_again().events == 0
    found = moved.verify()
    assert found["equal"], found["differences"]


def test_a_migration_that_is_taken_back_leaves_nothing_to_import(moved):
    moved.import_again()
    moving.move_back(moved.url)
    assert moved.import_again().events == 0
    assert moved.verify()["equal"]


def test_legacy_tables_that_are_dropped_too_early_stop_the_import(moved):
    moving.drop_legacy_tables(moved.url)
    with pytest.raises(errors.LegacyTablesGone) as caught:
        moved.import_again()
    assert LEGACY in str(caught.value)
    assert "retire" in str(caught.value)
    kinds = {finding.kind for finding in inspect_host(moved.url).findings}
    assert {"legacy_table_gone", "moved_rows"} <= kinds


def test_the_migration_is_not_retired_while_a_legacy_row_is_not_moved(moved):
    moved.host.add(LEGACY, 60, name="by old code")
    with pytest.raises(NotAllMoved, match="60"):
        moved.retire()
    moving.move_rest(moved.url)
    moved.change(LEGACY, 60, status="failed")
    with pytest.raises(NotAllMoved, match=r"have changed since.*60"):
        moved.retire()
    moving.carry_over(moved.url, 60)
    moved.delete(CONSOLIDATED, moving.copy_of(moved.url, 2))
    with pytest.raises(NotAllMoved, match=r"lost their copy.*2"):
        moved.retire()
    moving.move_rest(moved.url)
    moved.retire()
    certificate = json.loads((moved.folder / "r.json").read_text())["certificate"]
    assert certificate["equal"]
    assert certificate["moved"]["complete"] is True
    assert certificate["moved"]["restores"] == ROWS + 3


def test_a_restore_that_is_deleted_in_both_tables_is_not_missing(moved):
    moved.delete(CONSOLIDATED, moving.copy_of(moved.url, 2))
    with pytest.raises(NotAllMoved, match="take its entry out of restorelog_moved_row"):
        moved.retire()
    moved.delete(LEGACY, 2)
    moved.retire()
    certificate = json.loads((moved.folder / "r.json").read_text())["certificate"]
    assert certificate["moved"]["complete"] is True


def test_the_certificate_of_a_host_that_moved_nothing_says_so(stage):
    stage.retire()
    said = json.loads((stage.folder / "r.json").read_text())["certificate"]["moved"]
    assert (said["complete"], said["restores"]) == (False, 0)


def test_after_the_retirement_the_copies_are_the_rows(moved):
    moved.retire()
    moving.drop_legacy_tables(moved.url)
    assert moved.import_again().events == 0
    found = moved.verify()
    assert found["equal"], found["differences"]
    moved.change_copy(3, status="failed")
    assert not moved.verify()["equal"]
    assert len(moved.new_events()) == 1
    assert here(CONSOLIDATED, OFFSET + 3, "status") == ("failed",)
    found = moved.verify()
    assert found["equal"], found["differences"]
    moved.delete(CONSOLIDATED, moving.copy_of(moved.url, 5))
    assert not moved.verify()["equal"]
    assert [type(one) for one in moved.new_events()] == [RestoreVanishedFromHost]
    assert moved.verify()["equal"]


def test_a_host_that_moved_its_rows_before_its_first_import(database, host_url):
    host = TinyHost(host_url)
    host.fill(ROWS)
    moving.move(host_url)
    report = host_import.import_host(host_url, actor="ops").report
    imported = {label: table.imported for label, table in report.tables.items()}
    assert imported == {
        "database_management.BackupLog": 3,
        "system_backups.BackupLog": 3,
        "database_management.RestoreLog": ROWS,
        "system_backups.RestoreLog": ROWS,
    }
    assert report_as_json(verify(host_url))["equal"]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE restorelog_moved_row SET kind = 'other' WHERE legacy_id = 50", "other"),
        ("UPDATE restorelog_moved_row SET legacy_id = 777 WHERE legacy_id = 50", "777"),
        ("UPDATE restorelog_moved_row SET consolidated_id = 1 WHERE legacy_id = 50", "row 1"),
        ("UPDATE restorelog_moved_row SET consolidated_id = -1 WHERE legacy_id = 50", "-1"),
        ("ALTER TABLE restorelog_moved_row RENAME COLUMN legacy_id TO old_id", "legacy_id"),
    ],
)
def test_a_record_that_cannot_be_right_stops_the_import(sql, said, moved):
    raw.execute(moved.url, sql)
    before = Log().head()
    with pytest.raises(errors.MovedRowsUnclear) as caught:
        moved.import_again()
    assert said in str(caught.value)
    assert Log().head() == before
