"""What is written to the legacy tables after the migration: moved by a further one."""

import pytest

from tests.host_migration.stage import CONSOLIDATED, LEGACY, Stage
from tests.host_migration.state import changes
from tests.support import raw

PAIRS = f"""
SELECT l.id, {{columns}}
FROM {LEGACY} AS l
JOIN restorelog_moved_row AS m ON m.kind = 'restore' AND m.legacy_id = l.id
JOIN {CONSOLIDATED} AS t ON t.id = m.consolidated_id
"""
COLUMNS = ("name", "status", "started_at", "completed_at", "duration_seconds", "message",
           "created_by_id", "created_at", "updated_at")  # fmt: skip


def test_new_and_changed_rows_are_moved_while_both_tables_are_written_to(stage: Stage):
    stage.host_writes()
    stage.forward()
    assert_copied(stage)
    for turn in (2, 3):
        stage.old_code_writes(turn)
        stage.write("--top-up")
        stage.product.migrate()
        assert_copied(stage)
    assert stage.value("SELECT count(DISTINCT step) FROM restorelog_moved_row") > 1


def test_each_further_one_is_taken_back_by_itself(stage: Stage):
    before = stage.state()
    stage.forward()
    first = sorted(path.stem for path in stage.product.migrations.glob("*restorelog*.py"))[-1]
    stage.old_code_writes(1)
    written = stage.state()
    stage.write("--top-up")
    stage.product.migrate()
    assert stage.state() != written
    stage.product.migrate(first)
    assert changes(written, stage.state()) == {}
    stage.product.back()
    assert sorted(stage.state()) == sorted(before)


def test_a_row_and_its_copy_that_both_changed_stop_it(small: Stage):
    small.forward()
    copy = small.moved()[small.first]
    small.execute(
        f"UPDATE {LEGACY} SET message = 'the one' WHERE id = {small.first}",
        f"UPDATE {CONSOLIDATED} SET message = 'the other' WHERE id = {copy}",
    )
    small.write("--top-up")
    before = small.state()
    done = small.product.migrate(check=False)
    assert done.returncode == 1
    assert f"{LEGACY}: 1 rows changed, and so did the copies (id {small.first})" in done.stderr
    assert changes(before, small.state()) == {}
    small.execute(f"UPDATE {CONSOLIDATED} SET message = 'the one' WHERE id = {copy}")
    small.product.migrate()
    assert_copied(small)


@pytest.mark.parametrize("table", [LEGACY, CONSOLIDATED])
def test_a_change_of_one_of_the_two_is_kept(small: Stage, table: str):
    small.forward()
    key = small.first if table == LEGACY else small.moved()[small.first]
    small.execute(f"UPDATE {table} SET message = 'another' WHERE id = {key}")
    small.write("--top-up")
    small.product.migrate()
    shown = f"SELECT message FROM {CONSOLIDATED} WHERE id = {small.moved()[small.first]}"
    assert small.value(shown) == "another"


def test_a_copy_that_was_deleted_stays_away(small: Stage):
    small.forward()
    copy = small.moved()[small.first]
    small.execute(f"DELETE FROM {CONSOLIDATED} WHERE id = {copy}")
    small.write("--top-up")
    small.product.migrate()
    assert small.value(f"SELECT count(*) FROM {CONSOLIDATED} WHERE id = {copy}") == 0


def assert_copied(stage: Stage) -> None:
    """Every legacy row has a copy, and they are alike."""
    columns = ", ".join(f"l.{name}, t.{name}" for name in COLUMNS)
    pairs = raw.rows(stage.host, PAIRS.format(columns=columns))
    assert len(pairs) == stage.value(f"SELECT count(*) FROM {LEGACY}")
    for key, *values in pairs:
        assert (key, values[::2]) == (key, values[1::2])
