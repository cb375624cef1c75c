"""The same on MariaDB, where each change of a table commits by itself."""

from pathlib import Path
from typing import Any

import pytest

from tests.host_migration.conftest import make_stage
from tests.host_migration.imports import differences, imported, retired
from tests.host_migration.pointing import forward, pointed, with_followups
from tests.host_migration.pointing import write as write_pointers
from tests.host_migration.stage import CONSOLIDATED, LEGACY, Stage
from tests.host_migration.test_forward import due, plain
from tests.host_migration.test_killed import killed_everywhere
from tests.host_migration.test_pointers import due as due_pointers
from tests.host_migration.test_top_up import assert_copied
from tests.support import mariadb, raw

pytestmark = pytest.mark.system
TABLES = (
    LEGACY, CONSOLIDATED, "database_management_backuplog", "system_backups_backuplog",
)  # fmt: skip


@pytest.fixture(params=["plan", "origin"])
def stage(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    host = mariadb.fresh_database()
    return make_stage(database, host, str(request.param), tmp_path, rows=60)


@pytest.fixture
def small_stage(database: str, tmp_path: Path) -> Stage:
    return make_stage(database, mariadb.fresh_database(), "plan", tmp_path, rows=12)


def test_forward_a_further_one_and_back(stage: Stage):
    before = rows_of(stage)
    told = stage.forward()
    stage.product.patch_model(indexed=told["adds_index"])
    found = {key: plain(row) for key, row in stage.product.restores().items()}
    assert found == due(stage)
    stage.old_code_writes(1)
    written = rows_of(stage)
    stage.write("--top-up")
    stage.product.migrate()
    assert_copied(stage)
    stage.product.migrate(told["name"])
    assert rows_of(stage) == written
    assert before != written


def test_back_is_as_before(stage: Stage):
    before = rows_of(stage)
    stage.forward()
    stage.product.back()
    assert rows_of(stage) == before


def test_killed_in_between_the_same_command_completes_it(stage: Stage):
    told = stage.write().json
    before = rows_of(stage)
    forward = killed_everywhere(stage, told["name"])
    assert (forward["exit"], forward["changed"]) == (0, True)
    assert forward["kills"] > 20
    assert len(forward["counts"]) == 2, "all rows were moved, or none"
    assert_copied(stage)
    back = killed_everywhere(stage, stage.product.last)
    assert back["exit"] == 0
    assert back["kills"] > 20
    assert len(back["counts"]) <= 2
    assert rows_of(stage) == before


@pytest.mark.parametrize("vendor", ["sqlite"])
def test_a_further_one_that_is_killed_in_between(stage: Stage):
    first = stage.forward()["name"]
    stage.old_code_writes(1)
    told = stage.write("--top-up").json
    before = rows_of(stage)
    forward = killed_everywhere(stage, told["name"], "--writes")
    assert (forward["exit"], forward["changed"]) == (0, True)
    assert len(forward["counts"]) == 2
    assert_copied(stage)
    imported(stage)
    assert differences(stage) == []
    back = killed_everywhere(stage, first, "--writes")
    assert back["exit"] == 0
    assert rows_of(stage) == before


def test_the_next_imports(stage: Stage, tmp_path: Path):
    stage.forward()
    assert imported(stage) == 0
    assert differences(stage) == []
    copy = stage.copy_of_first
    stage.execute(f"UPDATE {CONSOLIDATED} SET message = 'in the new table' WHERE id = {copy}")
    assert imported(stage) == 1
    stage.old_code_writes((stage.first + 1) % 5)
    assert imported(stage) > 0
    assert differences(stage) == []
    stage.top_up()
    assert imported(stage) == 0
    assert differences(stage) == []
    retired(stage, f"--certificate={tmp_path / 'r.json'}")
    stage.execute("DROP TABLE reports_restorereview")
    stage.drop_legacy_tables()
    assert imported(stage) == 0
    assert differences(stage) == []


def rows_of(stage: Stage) -> dict[str, Any]:
    """Every row of the four tables, their columns, and where their counters stand."""
    found: dict[str, Any] = {}
    for table in TABLES:
        names = "SELECT column_name FROM information_schema.columns WHERE table_schema ="
        listed = f"{names} database() AND table_name = '{table}'"
        columns = sorted(name for (name,) in raw.rows(stage.host, listed))
        quoted = ", ".join(f"`{name}`" for name in columns)
        found[table] = (columns, raw.rows(stage.host, f"SELECT {quoted} FROM {table} ORDER BY id"))
        counter = "SELECT auto_increment FROM information_schema.tables WHERE table_schema ="
        found[f"{table} counter"] = stage.value(f"{counter} database() AND table_name = '{table}'")
    return found


def test_what_refers_to_legacy_rows_and_back(stage: Stage):
    with_followups(stage).forward()
    before, keys, state = pointed(stage), keys_of(stage), stage.state()
    told = forward(stage)
    assert pointed(stage) == due_pointers(before, stage)
    assert [key[:4] for key in keys_of(stage)] == sorted(
        (table, column, to.replace("database_management", "system_backups"), rule)
        for table, column, to, rule, _ in keys
    )
    first = told["depends_on"][0].partition(".")[2]
    stage.product.migrate(first)
    assert (pointed(stage), keys_of(stage)) == (before, keys)
    assert stage.state() == state


@pytest.mark.parametrize("vendor", ["sqlite"])
def test_killed_among_what_refers_to_legacy_rows_it_is_completed(small_stage: Stage):
    with_followups(small_stage).forward()
    before, keys, state = pointed(small_stage), keys_of(small_stage), small_stage.state()
    told = write_pointers(small_stage).json
    found = killed_everywhere(small_stage, told["name"], "--writes", "--every=15")
    assert (found["exit"], found["changed"], found["kills"] > 2) == (0, True, True)
    assert pointed(small_stage) == due_pointers(before, small_stage)
    first = told["depends_on"][0].partition(".")[2]
    found = killed_everywhere(small_stage, first, "--writes", "--every=15")
    assert (found["exit"], found["changed"], found["kills"] > 2) == (0, True, True)
    assert (pointed(small_stage), keys_of(small_stage)) == (before, keys)
    assert small_stage.state() == state


def test_what_has_no_copy_stops_it_with_the_foreign_keys_in_place(small_stage: Stage):
    with_followups(small_stage).forward()
    small_stage.old_code_writes(1)
    small_stage.execute(
        "INSERT INTO reports_restorereview (restore_id, verdict, note, reviewed_at)"
        f" SELECT max(id), 'fine', '', max(created_at) FROM {LEGACY}"
    )
    write_pointers(small_stage)
    keys, state = keys_of(small_stage), small_stage.state()
    done = small_stage.product.migrate(check=False)
    assert done.returncode == 1
    assert f"1 rows refer to rows of {LEGACY} that have no copy" in done.stderr
    assert (keys_of(small_stage), small_stage.state()) == (keys, state)


def keys_of(stage: Stage) -> list[tuple[str, ...]]:
    """Every foreign key: table, column, the table referred to, what happens, and its name."""
    query = (
        "SELECT k.table_name, k.column_name, k.referenced_table_name, r.delete_rule,"
        " k.constraint_name FROM information_schema.key_column_usage AS k"
        " JOIN information_schema.referential_constraints AS r"
        " ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name"
        " WHERE k.table_schema = database() AND (k.table_name LIKE 'followups%'"
        " OR k.table_name LIKE 'reports%') ORDER BY 1, 2, 3"
    )
    return [tuple(map(str, row)) for row in raw.rows(stage.host, query)]
