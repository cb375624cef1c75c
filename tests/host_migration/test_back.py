"""The way back: every row, declaration and counter as before, or a list of what is in the way."""

import pytest

from tests.host_migration.stage import CONSOLIDATED, CONSOLIDATED_BACKUPS, LEGACY, Stage
from tests.host_migration.state import applied, changes
from tests.support import raw

NATIVE = (
    f"INSERT INTO {CONSOLIDATED} (name, status, restore_type, trigger_type, is_overwrite, message,"
    " created_at, updated_at{more}) SELECT name, status, restore_type, trigger_type, is_overwrite,"
    " message, created_at, updated_at{values} FROM (SELECT * FROM "
    f"{CONSOLIDATED} ORDER BY id LIMIT 1) AS one"
)
"""A new row of the host's own."""


def test_every_row_declaration_and_counter_is_as_before(stage: Stage):
    before = stage.state()
    stage.forward()
    assert stage.state() != before
    stage.product.back()
    assert changes(before, stage.state()) == {}
    assert not any("restorelog" in name for name in applied(stage.host))
    # And once more: it can be repeated.
    stage.product.migrate()
    stage.product.back()
    assert changes(before, stage.state()) == {}


def test_new_rows_of_both_tables_stay_and_the_moved_ones_go(small: Stage):
    small.forward()
    copies = set(small.moved().values())
    there = ids(small, LEGACY), ids(small, CONSOLIDATED)
    small.execute(NATIVE.format(more="", values=""))
    small.execute(
        f"INSERT INTO {LEGACY} (name, status, restore_method, target_database, message, created_at,"
        " updated_at) SELECT name, status, restore_method, target_database, message, created_at,"
        f" updated_at FROM (SELECT * FROM {LEGACY} ORDER BY id LIMIT 1) AS one"
    )
    small.product.back()
    assert len(ids(small, LEGACY)) == len(there[0]) + 1
    new = ids(small, CONSOLIDATED) - there[1]
    assert ids(small, CONSOLIDATED) == (there[1] - copies) | new
    assert min(new) > max(copies)
    # The counter has given an id since: it is not put back.
    small.execute(NATIVE.format(more="", values=""))
    assert max(ids(small, CONSOLIDATED)) == max(new) + 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"UPDATE {CONSOLIDATED} SET message = 'seen' WHERE id = {{copy}}", "changed or deleted"),
        (f"DELETE FROM {CONSOLIDATED} WHERE id = {{copy}}", "changed or deleted since (id {copy})"),
        (
            "UPDATE system_backups_backuplog SET name = 'another' WHERE id = {backup}",
            "system_backups_backuplog: 1 rows changed or deleted since (id {backup})",
        ),
        (
            f"UPDATE {CONSOLIDATED} SET target_database = 'elsewhere' WHERE id = {{filled}}",
            "target_database changed since (id {filled})",
        ),
        (
            f"UPDATE {CONSOLIDATED} SET source_backup_id = {{backup}} WHERE id = {{native}}",
            f"{CONSOLIDATED}.source_backup_id refers to moved rows of system_backups_backuplog in"
            " 1 rows",
        ),
        (
            NATIVE.format(more=", target_database", values=", 'billing'"),
            "target_database written since",
        ),
        (
            "INSERT INTO notes (restore_id) VALUES ({copy})",
            f"notes.restore_id refers to moved rows of {CONSOLIDATED} in 1 rows",
        ),
    ],
    ids=["changed", "deleted", "backup", "filled", "own restore", "written", "referenced"],
)
def test_what_would_be_lost_stops_it_is_listed_and_nothing_is_changed(
    small: Stage, statement: str, said: str
):
    small.execute(f"CREATE TABLE notes (restore_id bigint REFERENCES {CONSOLIDATED} (id))")
    small.forward()
    named = {
        "copy": small.moved()[small.first],
        "backup": next(iter(small.moved("backup").values())),
        "filled": small.value("SELECT max(consolidated_id) FROM restorelog_filled_row"),
        "native": small.value(f"SELECT min(id) FROM {CONSOLIDATED}"),
    }
    small.execute(statement.format(**named))
    before = small.state()
    done = small.product.back(check=False)
    assert done.returncode == 1
    assert said.format(**named) in done.stderr
    assert "Nothing was changed." in done.stderr
    assert changes(before, small.state()) == {}
    assert "0002_restorelog_consolidation" in applied(small.host)


def test_a_row_that_is_to_stay_is_taken_off_the_record(small: Stage):
    small.forward()
    copy = small.moved()[small.first]
    small.execute(
        f"UPDATE {CONSOLIDATED} SET message = 'seen' WHERE id = {copy}",
        f"UPDATE {CONSOLIDATED} SET target_database = '' WHERE id = {copy}",
        f"UPDATE {CONSOLIDATED} SET source_backup_id = NULL WHERE id = {copy}",
        f"DELETE FROM restorelog_moved_row WHERE kind = 'restore' AND consolidated_id = {copy}",
    )
    small.product.back()
    assert copy in ids(small, CONSOLIDATED)


def ids(stage: Stage, table: str) -> set[int]:
    return {key for (key,) in raw.rows(stage.host, f"SELECT id FROM {table}")}


def test_the_counter_of_a_table_that_nobody_wrote_to_is_put_back_and_no_other(small: Stage):
    before = counters(small)
    small.forward()
    moved = counters(small)
    assert moved[CONSOLIDATED] == before[CONSOLIDATED] + 12
    assert moved[CONSOLIDATED_BACKUPS] > before[CONSOLIDATED_BACKUPS]
    small.execute(NATIVE.format(more="", values=""))
    small.product.back()
    assert counters(small) == {
        CONSOLIDATED: moved[CONSOLIDATED] + 1,
        CONSOLIDATED_BACKUPS: before[CONSOLIDATED_BACKUPS],
    }


def counters(stage: Stage) -> dict[str, int]:
    """The last id that each consolidated table's counter gave."""
    found = {}
    for table in (CONSOLIDATED, CONSOLIDATED_BACKUPS):
        query = f"SELECT last_value FROM {table}_id_seq"
        if stage.host.startswith("sqlite"):
            query = f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'"
        found[table] = int(stage.value(query))
    return found
