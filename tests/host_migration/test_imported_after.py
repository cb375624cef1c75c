"""What this service makes of a host before, after and without its own migration: the same."""

from tests.host_migration.imports import differences, imported
from tests.host_migration.stage import CONSOLIDATED, LEGACY, LEGACY_BACKUPS, Stage
from tests.support import raw

OFFSET = 10**12
"""What separates the ids of legacy rows from others in this service's consolidated table."""
SHOWN = "SELECT count(*) FROM system_backups_restorelog"


def test_the_migration_and_the_way_back_are_no_events(stage: Stage):
    shown = raw.value(stage.service, SHOWN)
    stage.forward()
    assert imported(stage) == 0
    assert differences(stage) == []
    assert raw.value(stage.service, SHOWN) == shown
    stage.product.back()
    assert imported(stage) == 0
    assert differences(stage) == []


def test_a_further_one_doubles_nothing_either(small: Stage):
    small.forward()
    small.old_code_writes(1)
    assert imported(small) > 0
    assert differences(small) == []
    small.write("--top-up")
    small.product.migrate()
    assert imported(small) == 0
    assert differences(small) == []
    legacy = small.value(f"SELECT count(*) FROM {LEGACY}")
    of_them = raw.value(small.service, f"{SHOWN} WHERE origin = 'legacy'")
    assert of_them == legacy


def test_a_database_name_that_only_the_log_knows_stays_here(small: Stage):
    """The backup that a restore names is gone from the host; its name of the database is not."""
    query = (
        f"SELECT r.id, b.id FROM {LEGACY} AS r JOIN {LEGACY_BACKUPS} AS b"
        " ON b.id = r.source_backup_id ORDER BY r.id"
    )
    restore, backup = raw.rows(small.host, query)[0]
    small.execute(
        f"UPDATE {LEGACY_BACKUPS} SET database_name = 'orders' WHERE id = {backup}",
        f"UPDATE {LEGACY} SET target_database = '' WHERE id = {restore}",
    )
    imported(small)
    small.execute(f"DELETE FROM {LEGACY_BACKUPS} WHERE id = {backup}")
    imported(small)
    small.forward()
    assert imported(small) == 0
    assert differences(small) == []
    copy = small.moved()[restore]
    of_host = f"SELECT target_database FROM {CONSOLIDATED} WHERE id = {copy}"
    assert small.value(of_host) == ""
    here = f"SELECT target_database FROM {CONSOLIDATED} WHERE id = {OFFSET + restore}"
    assert raw.value(small.service, here) == "orders"
