"""The next import after the migration that `host_migration` wrote was applied by the product."""

from tests.host_migration.imports import differences, imported
from tests.host_migration.stage import CONSOLIDATED, LEGACY, Stage
from tests.support import here


def test_nothing_is_imported_twice_and_both_sides_go_on(stage: Stage):
    stage.forward()
    assert imported(stage) == 0
    assert differences(stage) == []
    copy = stage.moved()[stage.first]
    stage.execute(f"UPDATE {CONSOLIDATED} SET message = 'in the new table' WHERE id = {copy}")
    assert imported(stage) == 1
    assert differences(stage) == []
    stage.host_writes()
    imported(stage)
    assert differences(stage) == []


def test_a_further_move_adds_nothing_that_was_imported(small: Stage):
    small.forward()
    small.old_code_writes(2)
    assert imported(small) > 0
    small.write("--top-up")
    small.product.migrate()
    assert imported(small) == 0
    assert differences(small) == []


def test_the_migration_is_retired_once_all_rows_are_moved(small: Stage, tmp_path):
    small.forward()
    small.old_code_writes(2)
    last = ["--yes", "--reason=done", f"--certificate={tmp_path / 'r.json'}"]
    refused = here.run("retire", *last, source=small.host, check=False)
    assert refused.code == 2
    small.write("--top-up")
    small.product.migrate()
    here.run("retire", *last, source=small.host)
    cascade = "" if small.host.startswith("sqlite") else " CASCADE"
    small.execute(f"DROP TABLE {LEGACY}{cascade}")
    assert imported(small) == 0
    assert differences(small) == []


def test_a_migration_that_is_taken_back_adds_nothing(small: Stage):
    small.forward()
    imported(small)
    small.product.back()
    assert imported(small) == 0
    assert differences(small) == []
