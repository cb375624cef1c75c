"""A first import fills its tables by the rebuild's path; row by row they become the same."""

import signal
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, connections

from projections.engine import first_fill, registry
from projections.engine.catch_up import catch_up
from projections.engine.dialects import table_dialect
from projections.engine.errors import ProjectorFailed
from projections.services import record
from projections.services.host_import import import_host
from tests.projections.engine.tables import (
    LABELS,
    SUMS,
    TABLES,
    VERSIONS,
    contents,
    generations,
    leftovers,
    schema,
)
from tests.sample_host import make_host
from tests.support import forked, raw, service

LABEL = "system_backups.RestoreLog"
OF_ITS_ROWS = "statistics.RestoreSums"
"""It sums the rows of that table, so whatever stops the one stops the other."""

LIVE = [(label, "live") for label in sorted(LABELS)]
BUILT = sorted((label, state) for label in LABELS for state in ("frozen", "live"))
"""The generations after tables were built: the empty ones from before stay for a while."""


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_fill, "ENOUGH", 10)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('host') / 'host.sqlite3'}"
    make_host(url, rows=30, seed=5, quarantine=2)
    return url


def row_by_row(url: str) -> dict[str, list[raw.Row]]:
    """Everything that readers see of the tables after they are filled row by row."""
    for table in ("engine_withheldrow", "engine_generation", *TABLES.values(), VERSIONS, SUMS):
        raw.execute(url, f"DELETE FROM {table}")
    catch_up()
    return seen(url)


def seen(url: str) -> dict[str, list[raw.Row]]:
    live = "FROM engine_generation AS of WHERE state = 'live'"
    withheld = "engine_withheldrow AS row JOIN engine_generation AS of ON of.id = generation_id"
    return {
        **contents(url),
        "versions": raw.rows(url, f"SELECT * FROM {VERSIONS} ORDER BY valid_from"),
        "sums": raw.rows(url, f"SELECT * FROM {SUMS} ORDER BY id"),
        "checkpoints": raw.rows(url, f"SELECT label, scope, position, rows {live} ORDER BY label"),
        "withheld": raw.rows(
            url,
            f"SELECT label, stream_id, cause, reason, row.position FROM {withheld}"
            " WHERE state = 'live' ORDER BY label, stream_id",
        ),
    }


def test_both_paths_fill_the_tables_alike(database: str, host: str):
    migrated = schema(database)
    assert import_host(host, actor="ops").behind == {}
    assert generations(database) == BUILT
    assert (schema(database), leftovers(database)) == (migrated, [])
    built = seen(database)
    assert all(built.values())
    assert row_by_row(database) == built


def test_a_later_import_catches_up(database: str, host: str):
    import_host(host, actor="ops")
    before = raw.rows(database, "SELECT id, label FROM engine_generation ORDER BY id")
    record.request_restore(name="recorded here", actor="ada")
    import_host(host, actor="ops")
    assert raw.rows(database, "SELECT id, label FROM engine_generation ORDER BY id") == before


def test_what_is_recorded_during_the_import_is_in_the_tables(database: str, host: str):
    def on_phase(phase: str) -> None:
        if phase in ("load", "switch"):
            record.request_restore(name=f"at {phase}", actor="ada")

    assert import_host(host, actor="ops", on_phase=on_phase).behind == {}
    names = {row[1] for row in contents(database)[LABEL]}
    assert {"at load", "at switch"} <= names
    assert generations(database) == BUILT
    built = seen(database)
    assert row_by_row(database) == built


def test_beside_another_rebuild_the_rows_are_added_one_by_one(database: str, host: str):
    begun, over = Event(), Event()

    def rebuild() -> None:
        with table_dialect(connection).only_one_rebuild():
            begun.set()
            over.wait(60)
        connections.close_all()

    other = Thread(target=rebuild)
    other.start()
    assert begun.wait(60)
    try:
        assert import_host(host, actor="ops").behind == {}
    finally:
        over.set()
        other.join()
    assert generations(database) == LIVE
    assert all(seen(database).values())


def test_a_projector_that_fails_stops_its_own_table(
    database: str, host: str, monkeypatch: pytest.MonkeyPatch
):
    def broken(row: Any, event: Any) -> Any:
        raise KeyError("no such thing")

    stopped = replace(registry.PROJECTIONS[LABEL], project=broken)
    monkeypatch.setitem(registry.PROJECTIONS, LABEL, stopped)
    behind = import_host(host, actor="ops").behind
    assert list(behind) == [LABEL, OF_ITS_ROWS]
    assert isinstance(behind[LABEL], ProjectorFailed)
    rows = contents(database)
    assert [label for label in TABLES if not rows[label]] == [LABEL]


@pytest.mark.parametrize("phase", ["committed", "finish", "commit", "done"])
def test_killed_in_any_phase_it_carries_on(database: str, host: str, phase: str, tmp_path: Path):
    process = forked.start(
        ["-m", "tests.projections.services.import_in_another_process", host, phase],
        env=service.environment(database=database, source=None, env={"DEBUG": "1"}),
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == phase
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL

    assert import_host(host, actor="ops").behind == {}
    assert leftovers(database) == []
    built = seen(database)
    assert all(built.values())
    assert row_by_row(database) == built
