"""Imports and rebuilds killed again and again, in every phase and at any moment."""

import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest

from infrastructure.event_store.log import Log
from infrastructure.event_store.verify_log import verify_chain
from infrastructure.hosts.importing.importer import import_host
from projections.engine.rebuild import rebuild
from tests.infrastructure.hosts.tiny import TinyHost
from tests.projections.engine.tables import TABLES, contents, generations, leftovers, schema
from tests.projections.histories import history, record
from tests.soak.killing import Kill, kill, kills, until_hit
from tests.soak.parameters import KILLS, SEED
from tests.support import raw
from tests.support.service import ROOT, environment

pytestmark = pytest.mark.soak

IMPORT_PHASES = [("reading", 20), ("appending", 15), ("committing", 15), ("committed", 15)]
REBUILD_PHASES = [
    ("prepare", 1), ("load", 1), ("loading", 1), ("finish", 1),
    ("digest", 1), ("switch", 1), ("commit", 1), ("done", 1),
]  # fmt: skip


def start(module: str, database: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment(database=database, source=None, env={"DEBUG": "1"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_imports_killed_at_any_moment_carry_on(database, vendor, tmp_path: Path, found):
    host = f"sqlite:///{tmp_path}/host.sqlite3"
    TinyHost(host).fill(100)

    def attempt(when: Kill) -> bool:
        was_running = _killed_import(when, database, host)
        assert verify_chain().ok, f"killed {when}, seed {SEED}"
        if not was_running or Log().head().position == 1 + 50 + 50 + 100 + 100:
            _change(host)
        return was_running

    attempts = until_hit(KILLS, kills(SEED, IMPORT_PHASES, longest=4), attempt)
    import_host(host, actor="ops", zone="UTC")
    assert import_host(host, actor="ops", zone="UTC").events == 0
    assert verify_chain().ok
    found(
        "kills of an import",
        vendor,
        f"{KILLS} killed while it ran, in {attempts} attempts; after each the chain was "
        "whole, and in the end nothing was left to import, and nothing twice",
        seed=SEED,
    )


def _killed_import(when: Kill, database: str, host: str) -> bool:
    module = "tests.infrastructure.hosts.in_another_process"
    if not when.phase:
        process = start(module, database, host)
        time.sleep(when.seconds)
        return kill(process)
    process = start(module, database, host, when.phase, str(when.occurrence))
    assert process.stdout is not None
    process.stdout.readline()  # the phase; or the report, if there were not so many of them
    return kill(process)


def _change(host: str) -> None:
    """Something new for the next import."""
    raw.execute(host, "UPDATE system_backups_restorelog SET name = name || '.'")
    raw.execute(host, "UPDATE database_management_restorelog SET name = name || '.'")


def test_rebuilds_killed_at_any_moment_can_be_run_again(database, vendor, tmp_path: Path, found):
    migrated = schema(database)
    record(history(9, 600))
    rebuild()
    whole = contents(database)
    numbers = count()

    def attempt(when: Kill) -> bool:
        number = next(numbers)
        was_running = _killed_rebuild(when, database, tmp_path / str(number))
        assert contents(database) == whole, f"killed {when}, seed {SEED}"
        if number % 5 == 4:
            rebuild()
            assert contents(database) == whole, f"rebuilt after {when}, seed {SEED}"
        return was_running

    attempts = until_hit(KILLS, kills(SEED, REBUILD_PHASES, longest=3), attempt)
    rebuild()
    assert contents(database) == whole
    assert schema(database) == migrated
    assert leftovers(database) == []
    assert generations(database) == sorted(
        (label, state) for label in TABLES for state in ("frozen", "live")
    )
    found(
        "kills of a rebuild",
        vendor,
        f"{KILLS} killed while it ran, in {attempts} attempts; after each the tables "
        "read as before, and in the end no table, index or name was left over",
        seed=SEED,
    )


def _killed_rebuild(when: Kill, database: str, file: Path) -> bool:
    module = "tests.projections.engine.driver"
    process = start(module, database, when.phase or "never", str(file))
    deadline = time.monotonic() + (120 if when.phase else when.seconds)
    while not file.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    if when.phase:
        assert file.exists(), f"it never came to {when}"
    alive = kill(process)
    if not database.startswith("sqlite"):
        _wait_for_the_server(database)
    return alive


def _wait_for_the_server(database: str) -> None:
    """Until the server has noticed that nobody is there any more."""
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND application_name = '' AND state <> 'idle'"
    )
    deadline = time.monotonic() + 30
    while raw.value(database, others) and time.monotonic() < deadline:
        time.sleep(0.02)
