"""Whatever happens to the tables, replaying the log brings them back as they were."""

from datetime import UTC, datetime

import pytest

from projections.engine import checkpoints
from projections.engine.catch_up import catch_up
from projections.engine.generations import go_back
from projections.engine.rebuild import rebuild
from tests.projections.engine.oracle import digest
from tests.projections.engine.tables import (
    LABELS,
    TABLES,
    contents,
    generations,
    leftovers,
    live_digest,
    schema,
)
from tests.projections.histories import history, record
from tests.support import raw

SCRIBBLES = {
    "scribbled on": [
        "UPDATE {table} SET name = 'forged', status = 'x'",
        "UPDATE {table} SET id = id + 5 WHERE id = (SELECT max(id) FROM {table})",
    ],
    "emptied": ["DELETE FROM {table}"],
    "dropped": ["DROP TABLE {table}"],
    "without its indexes": ["DROP INDEX {prefix}_status_idx"],
}


def forge(url: str, how: str) -> None:
    for table in TABLES.values():
        app, name = table.rsplit("_", 1)
        prefix = f"{'dm' if app == 'database_management' else 'sb'}_{name}"
        for statement in SCRIBBLES[how]:
            raw.execute(url, statement.format(table=table, prefix=prefix))


@pytest.mark.parametrize("how", SCRIBBLES)
def test_tables_that_were_tampered_with_come_back_identical(database: str, how: str):
    record(history(1, 300))
    catch_up()
    before, migrated = contents(database), schema(database)
    assert all(before.values())
    digests = {label: live_digest(label) for label in LABELS}
    forge(database, how)

    rebuilt = rebuild()

    assert contents(database) == before
    assert schema(database) == migrated
    assert {label: one.digest for label, one in rebuilt.projections.items()} == digests


def test_a_rebuild_ten_years_from_now_gives_the_same_tables(
    database: str, monkeypatch: pytest.MonkeyPatch
):
    record(history(2, 200))
    digests = {label: one.digest for label, one in rebuild().projections.items()}
    before = contents(database)
    later = datetime(2036, 1, 1, tzinfo=UTC)
    monkeypatch.setattr(checkpoints, "now", lambda: later)
    monkeypatch.setattr("time.time", later.timestamp)
    monkeypatch.setattr("time.time_ns", lambda: int(later.timestamp() * 1e9))

    rebuilt = rebuild()

    assert contents(database) == before
    assert {label: one.digest for label, one in rebuilt.projections.items()} == digests


def test_catching_up_in_many_small_steps_is_the_same_as_a_rebuild(database: str):
    last = record(history(3, 250))
    for position in range(7, last, 7):
        catch_up(upto=position)
    assert {one.position for one in catch_up().values()} == {last}
    in_steps = contents(database)
    counted = dict(raw.rows(database, "SELECT label, rows FROM engine_generation"))
    withheld = _withheld(database)

    rebuilt = rebuild()

    assert contents(database) == in_steps
    assert {label: counted[label] for label in TABLES} == {
        label: len(rows) for label, rows in in_steps.items()
    }
    assert counted == {label: one.rows for label, one in rebuilt.projections.items()}
    assert _withheld(database) == withheld


def _withheld(url: str) -> list[raw.Row]:
    return raw.rows(
        url,
        'SELECT label, stream_id, row_id, cause, "column", reason FROM engine_withheldrow'
        " JOIN engine_generation ON engine_generation.id = generation_id AND state = 'live'"
        " ORDER BY label, stream_id",
    )


def test_names_in_the_schema_are_those_of_a_fresh_migrate_after_three_rebuilds(database: str):
    migrated = schema(database)
    record(history(4, 50))
    for _ in range(3):
        rebuild()
    assert schema(database) == migrated
    go_back()
    assert schema(database) == migrated
    assert leftovers(database) == []
    assert generations(database) == sorted(
        (label, state) for label in LABELS for state in ("frozen", "live")
    )


def test_a_rebuild_of_one_table_leaves_the_others_alone(database: str):
    record(history(5, 60))
    catch_up()
    before = contents(database)
    forge(database, "emptied")

    rebuild(["system_backups.RestoreLog"])

    after = contents(database)
    assert after["system_backups.RestoreLog"] == before["system_backups.RestoreLog"]
    assert after["system_backups.BackupLog"] == []
    assert after["database_management.RestoreLog"] == []


def test_a_dry_run_says_what_would_change_and_changes_nothing(database: str):
    record(history(6, 60))
    catch_up()
    raw.execute(database, "UPDATE system_backups_restorelog SET name = 'forged'")
    raw.execute(database, "DROP TABLE system_backups_backuplog")
    before = raw.rows(database, "SELECT * FROM system_backups_restorelog ORDER BY id")

    rebuilt = rebuild(dry_run=True)

    found = {label: one.changes for label, one in rebuilt.projections.items()}
    assert found["system_backups.BackupLog"] is None
    assert {label: one.change for label, one in found.items() if one is not None} == {
        "database_management.RestoreLog": 0,
        "database_management.BackupLog": 0,
        "system_backups.RestoreLog": len(before),
        "row_versions.RestoreVersion": 0,
        "statistics.RestoreSums": 0,
    }
    assert raw.rows(database, "SELECT * FROM system_backups_restorelog ORDER BY id") == before
    assert leftovers(database) == []
    assert {state for _, state in generations(database)} == {"live"}


def test_the_scope_all_brings_legacy_rows_in_and_going_back_takes_them_out(database: str):
    events = history(7, 120)
    record(events[:200])
    rebuild()
    native = contents(database)["system_backups.RestoreLog"]
    rebuild(scope="all")
    every = contents(database)["system_backups.RestoreLog"]
    legacy = [row for row in every if row[18] == "legacy"]
    assert legacy
    assert [row for row in every if row not in legacy] == native

    record(events[200:])
    catch_up()
    go_back()

    back = contents(database)
    assert {row[18] for row in back["system_backups.RestoreLog"]} == {"consolidated", "recorded"}
    rebuild()
    assert contents(database) == back


def test_the_digest_is_that_of_every_column_of_every_row(database: str):
    record(history(8, 40))
    rebuilt = rebuild()
    expected = {label: digest(database, table) for label, table in TABLES.items()}
    assert {label: rebuilt.projections[label].digest for label in TABLES} == expected
    assert {label: live_digest(label) for label in TABLES} == expected
    assert expected == DIGESTS


DIGESTS = {
    "database_management.RestoreLog": (
        "4c8b4147930d40546c0c57c774f44841158f5b196a506e38c4094364c0d6f56f"
    ),
    "database_management.BackupLog": (
        "654694941dc79b44be3ef8fce97a429ba5fc315ff2685f535f3283cdf38f292d"
    ),
    "system_backups.RestoreLog": (
        "357231cd43f4c4ae35dd45ef079028c3dbeed23c2c58fd841dc3dea38cbfb657"
    ),
    "system_backups.BackupLog": (
        "94f8a4151ef5d9b946548543a8659dbf3272e028ded3d2b24ccf723a882346ed"
    ),
}
"""Of `history(8, 40)`; they change only when the mapping does, whatever the database."""
