"""A host lives on after its first import; the next import records exactly what happened there."""

import json
from uuid import UUID

import pytest

from tests.acceptance.test_unseen_hosts import assert_tables_are_the_hosts
from tests.support import here, raw, service


def imported(host: str, *options: str, check: bool = True) -> service.Result:
    return here.run("import_host", "--json", *options, source=host, check=check)


def verified(host: str) -> bool:
    here.run("project")
    return bool(here.run("verify", "--json", source=host).json["equal"])


def topics(database: str, after: int) -> list[str]:
    found = raw.rows(
        database, f"SELECT topic FROM event_store_event WHERE position > {after} ORDER BY position"
    )
    return [topic for (topic,) in found]


def ordinary_keys(host: str, count: int) -> list[int]:
    """Legacy rows with nothing odd about them."""
    found = raw.rows(
        host,
        "SELECT id FROM database_management_restorelog WHERE status = 'completed'"
        f" AND message <> '' ORDER BY id DESC LIMIT {count}",
    )
    return [key for (key,) in found]


def test_importing_twice_records_nothing_the_second_time(database: str, host: str):
    first = imported(host).json
    assert first["events"] > 300
    second = imported(host).json
    assert second["events"] == 0
    assert second["position"] == first["position"]
    assert verified(host)


def test_each_thing_that_happens_in_the_host_becomes_one_event(database: str, host: str):
    position = imported(host).json["position"]
    changed, deleted = ordinary_keys(host, 2)
    table = "database_management_restorelog"
    (row,) = raw.rows(host, f"SELECT * FROM {table} WHERE id = {deleted}")
    mark = "?" if host.startswith("sqlite") else "%s"

    raw.execute(host, f"UPDATE {table} SET status = 'failed' WHERE id = {changed}")
    report = imported(host).json
    assert topics(database, position) == ["restore.ChangedInHost"]
    assert report["tables"]["database_management.RestoreLog"]["changed"] == 1
    assert verified(host)

    raw.execute(host, f"DELETE FROM reports_restorereview WHERE restore_id = {deleted}")
    raw.execute(host, f"DELETE FROM {table} WHERE id = {deleted}")
    imported(host)
    assert topics(database, position)[1:] == ["restore.VanishedFromHost"]
    assert verified(host)
    assert raw.rows(database, f"SELECT 1 FROM {table} WHERE id = {deleted}") == []

    raw.execute(host, f"INSERT INTO {table} VALUES ({', '.join([mark] * len(row))})", row)
    imported(host)
    assert topics(database, position)[2:] == ["restore.ReturnedToHost"]
    assert verified(host)

    raw.execute(
        host,
        f"INSERT INTO {table} (id, name, status, restore_method, target_database, message,"
        " created_at, updated_at) VALUES (800000, 'new', 'pending', 'manual', 'shop', '',"
        " '2025-01-01 00:00:00', '2025-01-01 00:00:00')",
    )
    imported(host)
    assert topics(database, position)[3:] == ["restore.Imported"]
    assert verified(host)
    assert_tables_are_the_hosts(database, host)


def test_the_trail_of_a_changed_row_shows_the_old_and_the_new_value(database: str, host: str):
    imported(host)
    (key,) = ordinary_keys(host, 1)
    table = "database_management_restorelog"
    raw.execute(host, f"UPDATE {table} SET status = 'failed' WHERE id = {key}")
    imported(host)
    here.run("project")
    ((restore,),) = raw.rows(database, f"SELECT restore_id FROM {table} WHERE id = {key}")
    trail = here.run("audit", str(UUID(str(restore))), "--json").json
    last = trail["events"][-1]
    assert last["topic"] == "restore.ChangedInHost"
    assert "completed" in json.dumps(last["changes"])
    assert "failed" in json.dumps(last["changes"])


@pytest.mark.parametrize(
    ("what", "statements", "message"),
    [
        (
            "half the rows are gone",
            [
                "DELETE FROM reports_restorereview",
                "DELETE FROM database_management_restorelog WHERE id % 2 = 0",
            ],
            "--allow-deletions",
        ),
        (
            "the table is gone",
            ["ALTER TABLE database_management_restorelog RENAME TO elsewhere"],
            "database_management_restorelog",
        ),
        (
            "it is another host",
            ["UPDATE django_migrations SET applied = '2001-01-01 00:00:00.000001'"],
            "--accept-fingerprint",
        ),
        (
            "a column is gone",
            ["ALTER TABLE system_backups_restorelog RENAME COLUMN trigger_type TO t"],
            "trigger_type",
        ),
    ],
)
def test_what_looks_wrong_stops_the_import_and_nothing_is_recorded(
    database: str, host: str, what: str, statements: list[str], message: str
):
    position = imported(host).json["position"]
    raw.execute(host, "UPDATE system_backups_restorelog SET message = 'changed too'")
    for statement in statements:
        raw.execute(host, statement)
    refused = imported(host, check=False)
    assert refused.code == 2, what
    assert message in refused.err
    assert len(refused.err.strip().splitlines()) == 1
    assert topics(database, position) == []


def test_deletions_that_were_allowed_by_number_are_recorded(database: str, host: str):
    position = imported(host).json["position"]
    table = "database_management_restorelog"
    gone = raw.value(host, f"SELECT count(*) FROM {table} WHERE id % 2 = 0")
    raw.execute(host, "DELETE FROM reports_restorereview")
    raw.execute(host, f"DELETE FROM {table} WHERE id % 2 = 0")
    too_few = imported(host, "--allow-deletions", str(gone - 1), check=False)
    assert too_few.code == 2
    assert topics(database, position) == []
    imported(host, "--allow-deletions", str(gone))
    assert topics(database, position) == ["restore.VanishedFromHost"] * gone
    assert verified(host)
