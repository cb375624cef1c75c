"""A rebuild killed at any moment leaves what readers read alone, and can be run again."""

import signal
import time
from pathlib import Path

import pytest

from projections.engine.catch_up import catch_up
from projections.engine.rebuild import rebuild
from tests.projections.engine.tables import (
    LABELS,
    TABLES,
    contents,
    generations,
    leftovers,
    schema,
)
from tests.projections.histories import history, record
from tests.support import forked, raw, service

PHASES = ("loading", "finish", "digest", "switch", "commit", "done")


@pytest.mark.parametrize("phase", PHASES)
def test_a_rebuild_killed_in_any_phase_can_be_run_again(database: str, tmp_path: Path, phase: str):
    migrated = schema(database)
    events = history(9, 200)
    record(events[:-20])
    rebuild()
    raw.execute(database, "UPDATE system_backups_restorelog SET name = 'forged'")
    forged = contents(database)

    _kill_in(phase, database, tmp_path / "phase")

    if phase != "done":
        assert contents(database) == forged
    record(events[-20:])
    catch_up()
    rebuild()
    whole = contents(database)
    assert schema(database) == migrated
    assert leftovers(database) == []
    assert generations(database) == sorted(
        (label, state) for label in LABELS for state in ("frozen", "live")
    )
    for table in TABLES.values():
        raw.execute(database, f"DELETE FROM {table}")
    rebuild()
    assert contents(database) == whole


def _kill_in(phase: str, url: str, file: Path) -> None:
    """Kill a rebuild while it is in this phase, and wait until the database knows."""
    process = forked.start(
        ["-m", "tests.projections.engine.driver", phase, str(file)],
        env=service.environment(database=url, source=None, env={"DEBUG": "1"}),
    )
    try:
        deadline = time.monotonic() + 60
        while not file.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        assert process.poll() is None, "it ended before it came to this phase"
        assert file.read_text() == phase
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    if not url.startswith("sqlite"):
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%'"
        )
        while raw.value(url, others):
            time.sleep(0.02)
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
        while raw.value(
            url, f"{locks} (SELECT oid FROM pg_database WHERE datname = current_database())"
        ):
            time.sleep(0.02)
