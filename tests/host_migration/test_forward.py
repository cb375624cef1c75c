"""The host's own consolidated table, after the migration: every restore, with its own values."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.host_migration.stage import CONSOLIDATED, LEGACY, Stage
from tests.support import raw

OFFSET = 10**12
"""What separates the ids of legacy rows from others in this service's consolidated table."""
SAME = ("name", "status", "restore_type", "trigger_type", "target_database", "duration_seconds",
        "message")  # fmt: skip
TIMES = ("started_at", "completed_at", "created_at", "updated_at")


def test_the_hosts_table_is_the_consolidated_table_of_the_service(stage: Stage):
    told = stage.forward()
    stage.product.patch_model(indexed=told["adds_index"])
    found = {key: plain(row) for key, row in stage.product.restores().items()}
    expected = due(stage)
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        assert (key, found[key]) == (key, row)
    moved = stage.moved()
    assert len(moved) == stage.value(f"SELECT count(*) FROM {LEGACY}") == 120
    assert len(found) == 240


def test_ids_are_the_next_ones_of_the_hosts_own_counter(small: Stage):
    highest = small.value(f"SELECT max(id) FROM {CONSOLIDATED}")
    small.forward()
    legacy = [key for (key,) in raw.rows(small.host, f"SELECT id FROM {LEGACY} ORDER BY id")]
    assert small.moved() == {key: highest + number for number, key in enumerate(legacy, 1)}
    small.host_writes()
    ids = [key for (key,) in raw.rows(small.host, f"SELECT id FROM {CONSOLIDATED} ORDER BY id")]
    assert len(set(ids)) == len(ids)
    assert max(ids) > highest + len(legacy)


def test_a_backup_is_moved_if_a_restore_refers_to_it(stage: Stage):
    stage.forward()
    moved = stage.moved("backup")
    wanted = (
        f"SELECT DISTINCT b.id FROM database_management_backuplog AS b"
        f" JOIN {LEGACY} AS r ON r.source_backup_id = b.id"
    )
    assert moved.keys() == {key for (key,) in raw.rows(stage.host, wanted)}
    columns = "id, name, backup_type, status, created_at, updated_at"
    legacy = rows(stage, f"SELECT {columns} FROM database_management_backuplog")
    copies = rows(stage, f"SELECT {columns} FROM system_backups_backuplog")
    assert {key: copies[copy] for key, copy in moved.items()} == {k: legacy[k] for k in moved}


def test_a_lost_backup_is_noted_and_not_linked_to_another(small: Stage):
    small.execute(f"UPDATE {LEGACY} SET source_backup_id = 424242 WHERE id = {small.first}")
    small.forward()
    copy = small.moved()[small.first]
    assert small.value(f"SELECT source_backup_id FROM {CONSOLIDATED} WHERE id = {copy}") is None
    lost = "SELECT lost_backup_id FROM restorelog_moved_row WHERE kind = 'restore' AND legacy_id ="
    assert small.value(f"{lost} {small.first}") == 424242


def test_the_host_names_every_value_that_no_column_fills(stage: Stage):
    told = stage.write().json
    given = {
        f"{table['consolidated']}.{name}": column["value"]
        for table in told["tables"]
        for name, column in table["columns"].items()
        if column["filled"] == "given"
    }
    left = [f"{table['legacy']}.{name}" for table in told["tables"] for name in table["left_out"]]
    if stage.product.name == "plan":
        assert (given, left) == ({}, [])
        return
    assert given == {
        "system_backups_backuplog.is_compressed": True,
        "system_backups_backuplog.storage_location": "local",
    }
    assert left == [
        "database_management_backuplog.database_name",
        "database_management_backuplog.retention_days",
    ]
    stage.product.migrate()
    ids = ", ".join(map(str, stage.moved("backup").values()))
    places = f"SELECT DISTINCT storage_location FROM system_backups_backuplog WHERE id IN ({ids})"
    assert raw.rows(stage.host, places) == [("local",)]


def test_models_migrations_and_the_hosts_own_tests_are_as_they_should_be(stage: Stage):
    stage.product.manage("test", "--verbosity=0")
    told = stage.forward()
    assert stage.product.manage("makemigrations", "--check", "--dry-run", check=False).returncode
    stage.product.patch_model(indexed=told["adds_index"])
    stage.product.manage("makemigrations", "--check", "--dry-run")
    stage.product.manage("check")
    stage.product.manage("test", "--verbosity=0")


def test_what_a_trigger_changes_on_the_way_stops_it_and_nothing_is_changed(small: Stage):
    if small.host.startswith("sqlite"):
        small.execute(
            f"CREATE TRIGGER meddle AFTER INSERT ON {CONSOLIDATED} WHEN new.status = 'completed'"
            f" BEGIN UPDATE {CONSOLIDATED} SET message = 'checked' WHERE id = new.id; END"
        )
    else:
        small.execute(
            "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN new.message := 'checked'; RETURN new; END $$",
            f"CREATE TRIGGER meddle BEFORE INSERT ON {CONSOLIDATED} FOR EACH ROW"
            " EXECUTE FUNCTION meddle()",
        )
    small.write()
    before = small.state()
    done = small.product.migrate(check=False)
    assert done.returncode == 1
    assert f"{CONSOLIDATED}.message differs in" in done.stderr
    assert "Nothing was changed." in done.stderr
    assert small.state() == before


def test_the_time_zone_of_the_hosts_sessions_makes_no_difference(
    small: Stage, monkeypatch: pytest.MonkeyPatch
):
    small.forward()
    monkeypatch.setenv("HOST_TIME_ZONE", "Pacific/Kiritimati")
    small.product.back()


def due(stage: Stage) -> dict[int, dict[str, Any]]:
    """The service's consolidated table by the ids that the host's table has for its rows."""
    restores, backups = stage.moved(), stage.moved("backup")
    expected = {}
    for row in table(stage.service):
        if row["origin"] == "recorded":
            continue  # The host has no row of what this service recorded itself.
        if row["id"] >= OFFSET:
            row["id"] = restores[row["id"] - OFFSET]
            if row["source_backup_id"] is not None:
                # None: there is no such backup, see the test of that.
                row["source_backup_id"] = backups.get(row["source_backup_id"] - OFFSET)
        expected[row["id"]] = plain(row)
    return expected


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """One form for the ORM's values and for those of the service's table."""
    user = row["created_by_id"]
    return {
        "id": row["id"],
        **{name: row[name] for name in SAME},
        **{name: moment(row[name]) for name in TIMES},
        "is_overwrite": bool(row["is_overwrite"]),
        "source_backup_id": row["source_backup_id"],
        "created_by_id": None if user is None else str(user),
    }


def moment(value: Any) -> datetime | None:
    if value is None:
        return None
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)


def table(url: str) -> list[dict[str, Any]]:
    with raw.connect(url) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT * FROM {CONSOLIDATED}")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def rows(stage: Stage, query: str) -> dict[int, tuple[Any, ...]]:
    return {key: tuple(rest) for key, *rest in raw.rows(stage.host, query)}


def test_values_that_are_derived_are_written_to_rows_of_the_hosts_own(small: Stage):
    small.forward()
    wanted = (
        f"SELECT r.id, b.database_name FROM {CONSOLIDATED} AS r"
        " JOIN system_backups_backuplog AS b ON b.id = r.source_backup_id"
        " WHERE b.database_name <> '' AND r.id NOT IN"
        " (SELECT consolidated_id FROM restorelog_moved_row WHERE kind = 'restore')"
    )
    expected = dict(raw.rows(small.host, wanted))
    assert expected
    noted = "SELECT consolidated_id, target_database FROM restorelog_filled_row"
    assert dict(raw.rows(small.host, noted)) == expected
    shown = dict(raw.rows(small.host, f"SELECT id, target_database FROM {CONSOLIDATED}"))
    assert {key: shown[key] for key in expected} == expected


def test_the_page_and_the_module_say_what_is_done(small: Stage):
    told = small.write().json
    page = Path(told["page"]).read_text()
    assert told["name"] in page
    assert "| `trigger_type` | `restore_method` |" in page
    assert "manage.py migrate system_backups 0001_initial" in page
