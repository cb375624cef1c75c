"""What readers see while projections are rebuilt: one generation, whole."""

import hashlib
import threading
from contextlib import closing
from typing import Any

import pytest

from projections.engine.catch_up import catch_up
from projections.engine.errors import SwitchBlocked
from projections.engine.rebuild import rebuild
from tests.projections.engine.tables import contents
from tests.projections.histories import history, record
from tests.support import raw

GENERATION = (
    "SELECT id FROM engine_generation WHERE state = 'live' AND label = 'system_backups.RestoreLog'"
)
ROWS = "SELECT * FROM system_backups_restorelog ORDER BY id"


def read(connection: Any, postgresql: bool) -> tuple[int, str]:
    """The live generation and a hash of the whole table, in one snapshot."""
    cursor = connection.cursor()
    if postgresql:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        # Before the snapshot, or a table that came later would look empty.
        cursor.execute("LOCK TABLE system_backups_restorelog IN ACCESS SHARE MODE")
    else:
        cursor.execute("BEGIN")
    generation = cursor.execute(GENERATION).fetchone()[0]
    rows = cursor.execute(ROWS).fetchall()
    cursor.execute("COMMIT")
    return generation, hashlib.sha256(repr(rows).encode()).hexdigest()


def test_readers_see_exactly_one_generation_during_rebuilds(database: str, vendor: str):
    record(history(10, 150))
    catch_up()
    seen: list[tuple[int, str]] = []
    errors: list[BaseException] = []
    over = threading.Event()

    def keep_reading() -> None:
        try:
            with closing(raw._open(database)) as connection:
                if vendor == "postgresql":
                    connection.autocommit = True
                else:
                    connection.isolation_level = None
                while not over.is_set():
                    seen.append(read(connection, vendor == "postgresql"))
        except BaseException as error:
            errors.append(error)
            raise

    reader = threading.Thread(target=keep_reading)
    reader.start()
    try:
        for scope in ("all", "native", "all", "native"):
            rebuild(scope=scope)
    finally:
        over.set()
        reader.join()
    assert errors == []
    tables: dict[int, set[str]] = {}
    for generation, table in seen:
        tables.setdefault(generation, set()).add(table)
    assert len(tables) >= 3
    assert {len(hashes) for hashes in tables.values()} == {1}
    assert [one for one, _ in seen] == sorted(one for one, _ in seen)


@pytest.mark.parametrize("vendor", ["postgresql"])
def test_a_session_that_holds_a_table_is_named(
    database: str, vendor: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("projections.engine.generations.ATTEMPTS", 2)
    monkeypatch.setattr("projections.engine.dialects.postgresql.LOCK_TIMEOUT", "50ms")
    record(history(11, 10))
    catch_up()
    with raw.connect(database) as connection:
        connection.execute("SELECT * FROM system_backups_restorelog")
        pid = connection.info.backend_pid
        with pytest.raises(SwitchBlocked, match=f"session {pid} of postgres"):
            rebuild()
    rebuild()


@pytest.mark.parametrize("vendor", ["postgresql"])
def test_a_session_that_holds_a_previous_table_is_named_too(
    database: str, vendor: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("projections.engine.generations.ATTEMPTS", 2)
    record(history(11, 10))
    rebuild()
    with raw.connect(database) as connection:
        connection.execute("SELECT * FROM engine_frozen.system_backups_restorelog")
        pid = connection.info.backend_pid
        with pytest.raises(SwitchBlocked, match=f"session {pid} of postgres"):
            rebuild()


@pytest.mark.parametrize("vendor", ["postgresql"])
def test_a_session_that_looks_after_a_new_table_is_waited_for(
    database: str, vendor: str, monkeypatch: pytest.MonkeyPatch
):
    record(history(11, 10))
    rebuild()
    before = contents(database)
    with raw.connect(database) as connection:

        def hold(phase: str) -> None:
            if phase == "switch":
                connection.execute(
                    "LOCK TABLE engine_building.system_backups_restorelog"
                    " IN SHARE UPDATE EXCLUSIVE MODE"
                )

        monkeypatch.setattr("projections.engine.generations.sleep", lambda _: connection.rollback())
        rebuild(on_phase=hold)
    assert contents(database) == before


@pytest.mark.parametrize("vendor", ["postgresql"])
def test_a_table_that_was_rebuilt_is_looked_after_by_autovacuum(database: str, vendor: str):
    record(history(11, 10))
    rebuild()
    assert raw.rows(
        database,
        "SELECT DISTINCT reloptions FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace"
        " WHERE relname IN ('system_backups_restorelog', 'database_management_backuplog')",
    ) == [(None,)]
