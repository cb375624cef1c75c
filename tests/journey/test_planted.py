"""Whatever is not as the host says stops the cut-over; the reason is named, and nothing changes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from domain.consolidation.errors import NotVerified
from infrastructure.event_store.log import Log
from infrastructure.recording import restores
from projections.consolidation.errors import DatabaseLost, ImportedMeanwhile
from projections.consolidation.step_request import StepRequest
from projections.consolidation.step_run import StepRun
from projections.consolidation.steps import cut_over, retire
from projections.mapping.conversions import to_boolean
from projections.system_backups.mapping import RESTORES
from projections.system_backups.projector import ConsolidatedRestores
from tests.journey import looking
from tests.journey.stage import Stage
from tests.projections.engine.tables import leftovers
from tests.support import here, raw

LEGACY, CONSOLIDATED = "database_management_restorelog", "system_backups_restorelog"
BACKUPS, OF_CONSOLIDATED = "database_management_backuplog", "system_backups_backuplog"

CHANGES = (
    (LEGACY, "name", "name || '.'"),
    (LEGACY, "status", "'forged'"),
    (LEGACY, "restore_method", "'forged'"),
    (LEGACY, "duration_seconds", "coalesce(duration_seconds, 0) + 1"),
    (LEGACY, "created_by_id", "'4711'"),
    (LEGACY, "started_at", "'2001-02-03 04:05:06.000007+00'"),
    (LEGACY, "extra", "'{}'"),
    (BACKUPS, "size_bytes", "coalesce(size_bytes, 0) + 1"),
    (CONSOLIDATED, "message", "message || '.'"),
    (OF_CONSOLIDATED, "file_path", "'elsewhere'"),
)
LABELS = {
    LEGACY: "database_management.RestoreLog",
    BACKUPS: "database_management.BackupLog",
    CONSOLIDATED: "system_backups.RestoreLog",
    OF_CONSOLIDATED: "system_backups.BackupLog",
}


def assert_refused(stage: Stage, *reason: str, args: tuple[str, ...] = ()) -> None:
    """A cut-over does not happen, says why in one line, and leaves everything as it was."""
    before = looking.seen(stage)
    done = looking.cut_over(stage, *args, check=False)
    assert done.code in (1, 2)
    assert done.out == ""
    assert done.err.count("\n") == 1, done.err
    for part in reason:
        assert part in done.err
    assert looking.seen(stage) == before
    assert before.leftovers == []
    assert not looking.certificate(stage).exists()
    assert not looking.snapshot(stage).exists()


@pytest.mark.parametrize(
    ("table", "column", "value"), CHANGES, ids=[f"{table}.{column}" for table, column, _ in CHANGES]
)
def test_one_changed_cell_in_a_table_that_readers_read(
    small: Stage, table: str, column: str, value: str
):
    if small.vendor == "sqlite":
        value = value.replace("+00'", "'")
    (key,) = raw.rows(small.service, f"SELECT id FROM {table} ORDER BY id LIMIT 1 OFFSET 4")[0]
    raw.execute(small.service, f"UPDATE {table} SET {column} = {value} WHERE id = {key}")
    assert_refused(small, f"a difference was found, in {LABELS[table]} {key} {column}:")


def test_a_row_that_is_gone(small: Stage):
    (key,) = raw.rows(small.service, f"SELECT id FROM {LEGACY} ORDER BY id LIMIT 1 OFFSET 120")[0]
    raw.execute(small.service, f"DELETE FROM {LEGACY} WHERE id = {key}")
    assert_refused(small, f"{LABELS[LEGACY]} {key}")


def test_a_row_too_many(small: Stage):
    with raw.connect(small.service) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT * FROM {LEGACY} LIMIT 1")
        columns = [column[0] for column in cursor.description]
        cursor.close()
    new: dict[str, str] = {"id": "77000001", "restore_id": f"'{UUID(int=5).hex}'"}
    raw.execute(
        small.service,
        f"INSERT INTO {LEGACY} ({', '.join(columns)})"
        f" SELECT {', '.join(new.get(column, column) for column in columns)} FROM {LEGACY}"
        f" WHERE id = (SELECT min(id) FROM {LEGACY})",
    )
    assert_refused(small, f"{LABELS[LEGACY]} 77000001")


WRONG: dict[str, dict[str, Any]] = {
    "name": {"legacy": "status"},
    "status": {"legacy": "restore_method"},
    "restore_type": {"legacy": "restore_method"},
    "trigger_type": {"legacy": "status"},
    "target_database": {"legacy": "status"},
    "is_overwrite": {"rule": lambda value: not to_boolean(value)},
    "started_at": {"legacy": "completed_at"},
    "completed_at": {"legacy": "started_at"},
    "duration_seconds": {"legacy": "source_backup_id"},
    "message": {"legacy": "name"},
    "created_by_id": {"legacy": "source_backup_id"},
    "created_at": {"legacy": "updated_at"},
    "updated_at": {"legacy": "created_at"},
}
"""For each column of the consolidated restores a rule that somebody might have got wrong."""


def test_there_is_a_wrong_rule_for_each_column():
    assert list(WRONG) == [column.target for column in RESTORES]


@pytest.mark.parametrize("column", WRONG)
def test_a_wrong_rule_of_the_mapping(small: Stage, monkeypatch: pytest.MonkeyPatch, column: str):
    before = looking.seen(small)
    wrong = tuple(
        rule._replace(**WRONG[column]) if rule.target == column else rule for rule in RESTORES
    )
    monkeypatch.setattr(ConsolidatedRestores, "columns", wrong)
    found = rf"found, (the first )?in system_backups\.RestoreLog \d+ {column}: expected"
    with pytest.raises(NotVerified, match=found):
        cut_over_in_process(small)
    assert looking.seen(small) == before
    assert before.leftovers == []


def cut_over_in_process(stage: Stage, **more: Any) -> None:
    cut_over(
        stage.host,
        StepRequest("ops"),
        certificate=looking.certificate(stage),
        snapshot=looking.snapshot(stage),
        **more,
    )


def test_a_row_tampered_with_while_the_new_table_is_built(small: Stage):
    def tamper(phase: str) -> None:
        if phase == "verify":
            raw.execute(
                small.service,
                f"UPDATE {looking.building(small, CONSOLIDATED)} SET message = 'forged'"
                " WHERE id = 1000000000050",
            )

    before = looking.seen(small)
    with pytest.raises(NotVerified, match=r"system_backups\.RestoreLog 1000000000050 message"):
        cut_over_in_process(small, on_phase=tamper)
    assert looking.seen(small) == before


def test_a_row_tampered_with_after_it_was_verified_and_amended_meanwhile(small: Stage):
    (stream,) = raw.rows(small.service, f"SELECT restore_id FROM {LEGACY} WHERE id = 50")[0]

    def tamper(phase: str) -> None:
        if phase == "switch":
            raw.execute(
                small.service,
                f"UPDATE {looking.building(small, CONSOLIDATED)} SET message = 'forged'"
                " WHERE id = 1000000000050",
            )
            restores.amend_restore(
                Log(), UUID(str(stream)), {"name": "amended"}, actor="clerk", reason="it was not so"
            )

    before = looking.seen(small)
    with pytest.raises(NotVerified, match=r"RestoreLog 1000000000050 message does not show"):
        cut_over_in_process(small, on_phase=tamper)
    here.run("project")
    after = looking.seen(small)
    assert after.state == before.state
    assert after.events == before.events + 1
    assert after.schema == before.schema
    assert after.tables[LABELS[CONSOLIDATED]] == before.tables[LABELS[CONSOLIDATED]]
    assert leftovers(small.service) == []
    assert not looking.certificate(small).exists()


def test_rows_imported_again_and_again_meanwhile(small: Stage):
    names = iter("abcdefgh")

    def interfere(phase: str) -> None:
        if phase == "switch":
            name = next(names)
            raw.execute(small.host, f"UPDATE {CONSOLIDATED} SET name = '{name}' WHERE id = 30")
            here.run("import_host", source=small.host)

    with pytest.raises(ImportedMeanwhile):
        cut_over_in_process(small, on_phase=interfere)
    assert looking.state() == "imported"
    assert leftovers(small.service) == []
    assert not looking.certificate(small).exists()
    assert not looking.snapshot(small).exists()


def test_rows_imported_by_somebody_else_before_the_verification_are_no_difference(small: Stage):
    if small.vendor == "sqlite":
        raw.execute(
            small.host, "PRAGMA journal_mode = WAL"
        )  # else its one reader keeps writers out
    imported = []

    def interfere(phase: str) -> None:
        if phase == "verify" and not imported:
            raw.execute(small.host, f"DELETE FROM {LEGACY} WHERE id = 30")
            imported.append(here.run("import_host", source=small.host))

    cut_over_in_process(small, on_phase=interfere)
    assert imported
    assert looking.state() == "cut_over"
    small.assert_tables("all")


def fail(*_: Any) -> None:
    raise OperationalError("database or disk is full")


def fail_at(wanted: str) -> Callable[[str], None]:
    return lambda phase: fail() if phase == wanted else None


def test_of_a_cut_over_that_fails_at_its_end_no_file_is_left(small: Stage):
    before, export = looking.seen(small), small.folder / "rows.ndjson"
    with pytest.raises(DatabaseLost):
        cut_over_in_process(small, on_phase=fail_at("commit"), export=export)
    assert looking.seen(small) == before
    files = looking.certificate(small), looking.snapshot(small), export
    assert [file for file in files if file.exists()] == []


def test_of_one_that_fails_after_its_end_they_are(small: Stage):
    export = small.folder / "rows.ndjson"
    with pytest.raises(DatabaseLost):
        cut_over_in_process(small, on_phase=fail_at("done"), export=export)
    assert looking.state() == "cut_over"
    files = looking.certificate(small), looking.snapshot(small), export
    assert [file for file in files if not file.exists()] == []


def test_of_a_retirement_that_fails_at_its_end_no_file_is_left(
    small: Stage, monkeypatch: pytest.MonkeyPatch
):
    looking.cut_over(small)
    before = looking.seen(small)
    files = small.folder / "final.json", small.folder / "rows.ndjson"
    monkeypatch.setattr(StepRun, "enter", fail)
    with pytest.raises(DatabaseLost):
        retire(small.host, StepRequest("ops", "over"), certificate=files[0], export=files[1])
    assert looking.seen(small) == before
    assert [file for file in files if file.exists()] == []


@pytest.mark.parametrize("quarantine", [3])
def test_quarantined_rows_are_accepted_by_number_and_reason_or_not_at_all(small: Stage):
    assert_refused(small, "3 rows are quarantined", "none was accepted")
    assert_refused(small, "2 were accepted", args=("--accept-quarantined=2", "--reason=known"))
    assert_refused(small, "needs a reason", args=("--accept-quarantined=3",))
    assert_refused(small, "needs a reason", args=("--accept-quarantined=3", "--reason=  "))

    looking.cut_over(small, "--accept-quarantined=3", "--reason=seen by the committee")
    assert looking.state() == "cut_over"
    named = quarantined(looking.certificate(small))
    assert named["accepted"] == 3
    assert named["reason"] == "seen by the committee"
    legacy = [row for row in named["rows"] if row["table"] == LABELS[LEGACY]]
    there = raw.rows(small.host, f"SELECT id FROM {LEGACY} WHERE id >= 900000000 ORDER BY id")
    assert sorted({row["pk"] for row in legacy}) == [key for (key,) in there]
    assert all(row["column"] and row["reason"] for row in named["rows"])


def test_none_are_accepted_where_there_are_none(small: Stage):
    assert_refused(small, "No row is quarantined", args=("--accept-quarantined=1", "--reason=x"))


def quarantined(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))["certificate"]["quarantined"]
