"""Whatever is changed, in the projection or in the host, is found, named and explained."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.projections.verification.conftest import Service

WHEN = datetime(2011, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
SAID = "2011-02-03T04:05:06.000789Z"
BACKUP = {
    "name": "another",
    "backup_type": "other",
    "status": "other",
    "database_name": "other",
    "file_path": "/other",
    "size_bytes": 987654321,
    "created_at": WHEN,
    "updated_at": WHEN,
}
LEGACY = {
    "name": "another",
    "source_backup_id": 424242,
    "status": "other",
    "restore_method": "other",
    "target_database": "other",
    "started_at": WHEN,
    "completed_at": WHEN,
    "duration_seconds": 987654,
    "message": "other\n",
    "created_by_id": "1",
    "created_at": WHEN,
    "updated_at": WHEN,
}
CONSOLIDATED = {
    **{name: value for name, value in LEGACY.items() if name != "restore_method"},
    "restore_type": "other",
    "trigger_type": "other",
    "is_overwrite": True,
}
CHANGES = {
    "database_management.BackupLog": BACKUP,
    "system_backups.BackupLog": BACKUP,
    "database_management.RestoreLog": LEGACY,
    "system_backups.RestoreLog": CONSOLIDATED,
}
NOT_IN_HOST = {("system_backups.RestoreLog", "target_database")}
SPARE = 2**61  # an id that no row has


def table_of(label: str) -> str:
    return label.replace(".", "_").lower()


def stored(service: Service, value: Any) -> Any:
    """As SQLite's driver takes it."""
    if isinstance(value, datetime) and service.vendor == "sqlite":
        return value.replace(tzinfo=None).isoformat(" ")
    return value


def said(value: Any) -> Any:
    return SAID if isinstance(value, datetime) else value


@pytest.mark.parametrize("label", ["database_management.RestoreLog", "system_backups.RestoreLog"])
def test_null_and_empty_text_are_not_the_same(service: Service, label: str) -> None:
    table = table_of(label)
    ((pk,),) = service.rows(f"SELECT max(id) FROM {table} WHERE created_by_id IS NULL")
    service.sql(f"UPDATE {table} SET created_by_id = '' WHERE id = ?", pk)
    (difference,) = service.verify()["differences"]
    assert (difference["expected"], difference["found"]) == (None, "")


def test_a_microsecond_makes_a_difference(service: Service) -> None:
    table = "system_backups_restorelog"
    pk, before = service.rows(f"SELECT id, created_at FROM {table} ORDER BY id DESC LIMIT 1")[0]
    moment = datetime.fromisoformat(before) if isinstance(before, str) else before
    moment = moment.replace(microsecond=(moment.microsecond + 1) % 1_000_000)
    service.sql(f"UPDATE {table} SET created_at = ? WHERE id = ?", stored(service, moment), pk)
    (difference,) = service.verify()["differences"]
    assert difference["column"] == "created_at"


@pytest.mark.parametrize("label", CHANGES)
def test_every_column_changed_in_the_host_is_named(service: Service, label: str) -> None:
    table = table_of(label)
    ((pk,),) = service.rows(f"SELECT max(id) FROM {table} WHERE id < 900000000")
    expected_rows = {label}
    if label.startswith("database"):
        expected_rows.add(label.replace("database_management", "system_backups"))
    for column, value in CHANGES[label].items():
        if (label, column) in NOT_IN_HOST:
            continue
        service.host_sql(
            f"UPDATE {table} SET {column} = ? WHERE id = ?",
            int(value) if column == "created_by_id" else stored(service, value),
            pk,
        )
        found = service.verify()
        assert found["equal"] is False
        ours = [d for d in found["differences"] if d["table"] == label and d["column"] == column]
        (difference,) = ours
        assert {d["table"] for d in found["differences"]} == expected_rows
        assert difference["pk"] == pk
        assert difference["expected"] == said(value)
        assert difference["cause"] == "host_changed"
        assert found["tables"][label]["host_changed"] == 1
        assert {d["cause"] for d in found["differences"]} == {"host_changed"}
    service.import_again()
    assert service.verify()["differences"] == []


@pytest.mark.parametrize("label", CHANGES)
def test_a_row_removed_from_the_projection_is_missing(service: Service, label: str) -> None:
    table = table_of(label)
    ((pk,),) = service.rows(f"SELECT max(id) FROM {table}")
    service.sql(f"DELETE FROM {table} WHERE id = ?", pk)
    found = service.verify()
    (difference,) = found["differences"]
    assert (difference["table"], difference["pk"]) == (label, pk)
    assert difference["found"] is None
    assert difference["cause"] == "projection_wrong"
    assert found["tables"][label]["missing"] == 1


@pytest.mark.parametrize("label", CHANGES)
@pytest.mark.parametrize("pk", [888_888, 1_000_000_888_888, 2_000_000_888_888, 2**62])
def test_a_row_added_to_the_projection_is_unexpected(service: Service, label: str, pk: int) -> None:
    table = table_of(label)
    key = "restore_id" if "Restore" in label else "backup_id"
    ((row,),) = service.rows(f"SELECT max(id) FROM {table}")
    names = [c for c in columns(service, table) if c not in ("id", key)]
    copied = ", ".join(names)
    uuid = "00000000000000000000000000000009"
    service.sql(
        f"INSERT INTO {table} (id, {key}, {copied}) SELECT ?, ?, {copied} FROM {table} "
        "WHERE id = ?",
        pk,
        uuid,
        row,
    )
    found = service.verify()
    (difference,) = found["differences"]
    assert (difference["table"], difference["pk"]) == (label, pk)
    assert difference["expected"] is None
    assert difference["cause"] == "projection_wrong"
    assert found["tables"][label]["unexpected"] == 1


def columns(service: Service, table: str) -> list[str]:
    if service.vendor == "sqlite":
        return [row[0] for row in service.rows("SELECT name FROM pragma_table_info(?)", table)]
    sql = "SELECT column_name FROM information_schema.columns WHERE table_name = ?"
    return [row[0] for row in service.rows(f"{sql} AND table_schema = 'public'", table)]


@pytest.mark.parametrize("label", CHANGES)
def test_two_rows_with_each_other_s_values_are_both_found(service: Service, label: str) -> None:
    table = table_of(label)
    rows = service.rows(f"SELECT id, name FROM {table} ORDER BY id DESC LIMIT 2")
    (a, name_a), (b, name_b) = rows
    service.sql(f"UPDATE {table} SET name = ? WHERE id = ?", name_b, a)
    service.sql(f"UPDATE {table} SET name = ? WHERE id = ?", name_a, b)
    found = service.verify()["differences"]
    assert {(d["pk"], d["column"], d["expected"], d["found"]) for d in found} == {
        (a, "name", name_a, name_b),
        (b, "name", name_b, name_a),
    }


@pytest.mark.parametrize("label", CHANGES)
def test_two_rows_with_each_other_s_ids_are_both_found(service: Service, label: str) -> None:
    table = table_of(label)
    (a,), (b,) = service.rows(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 2")
    for old, new in ((a, SPARE), (b, a), (SPARE, b)):
        service.sql(f"UPDATE {table} SET id = ? WHERE id = ?", new, old)
    assert {d["pk"] for d in service.verify()["differences"]} == {a, b}


def test_a_row_deleted_from_the_host_is_unexpected_until_it_is_imported_again(
    service: Service,
) -> None:
    ((pk,),) = service.rows("SELECT max(id) FROM system_backups_restorelog WHERE id < 900000000")
    service.host_sql("DELETE FROM system_backups_restorelog WHERE id = ?", pk)
    (difference,) = service.verify()["differences"]
    assert (difference["pk"], difference["cause"]) == (pk, "host_changed")
    service.import_again()
    assert service.verify()["equal"] is True


def test_a_row_that_is_new_in_the_host_is_missing_until_it_is_imported(service: Service) -> None:
    pk = 555_555
    names = ", ".join(c for c in CONSOLIDATED if c != "target_database")
    service.host_sql(
        f"INSERT INTO system_backups_restorelog (id, {names}) "
        f"SELECT ?, {names} FROM system_backups_restorelog "
        "WHERE id = (SELECT max(id) FROM system_backups_restorelog)",
        pk,
    )
    found = service.verify()
    (difference,) = found["differences"]
    assert (difference["pk"], difference["cause"]) == (pk, "host_changed")
    counts = found["tables"]["system_backups.RestoreLog"]
    assert (counts["missing"], counts["host_changed"]) == (1, 1)
    service.import_again()
    assert service.verify()["equal"] is True


def test_a_truncated_table_is_missing_altogether_and_the_output_is_capped(
    service: Service,
) -> None:
    for row in service.rows("SELECT id FROM system_backups_restorelog"):
        service.sql("DELETE FROM system_backups_restorelog WHERE id = ?", row[0])
    found = service.verify(limit=10)
    assert len(found["differences"]) == 10
    assert found["differences_left_out"] == 70
    assert found["tables"]["system_backups.RestoreLog"]["missing"] == 80
