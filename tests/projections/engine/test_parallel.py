"""A rebuild shared by several processes makes what one process makes."""

import multiprocessing
import pickle
import signal
import time
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from domain.errors import RestoreLogError
from infrastructure.event_store.errors import StreamConflict
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import NewEvent
from projections.engine import building_tasks, parallel, prepare
from projections.engine.dialects import base, postgresql, sqlite
from projections.engine.rebuild import rebuild
from tests.builders import stream
from tests.projections.engine.tables import TABLES, contents, generations, leftovers, schema
from tests.projections.histories import history, record
from tests.support import forked, service


@pytest.fixture
def helped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small parts, and helpers that are waited for: else this process is done before they start."""
    monkeypatch.setattr(postgresql.PostgreSQLTables, "chunk", 70)
    monkeypatch.setattr(sqlite.SQLiteTables, "chunk", 70)
    monkeypatch.setattr(parallel.Helpers, "ready", _waited_for)


def _waited_for(helpers: parallel.Helpers) -> bool:
    if helpers.begun is None:
        return False
    helpers.begun.result()
    return True


def test_a_part_has_the_rows_of_streams_that_begin_in_it_and_the_events_of_the_others(
    database: str,
):
    record(history(4, 300))
    scopes = [(label, "all") for label in TABLES]
    begun: set[UUID] = set()
    for span in prepare.spans(0, Log().head().position, 50):
        part = building_tasks.prepare_span(scopes, span)
        assert part is not None
        (events,) = Log().events(*span)
        begun |= {event.originator_id for event in events if event.originator_version == 1}
        older = {event.originator_id for event in part.events}
        assert older <= begun
        assert not older & {
            event.originator_id for event in events if event.originator_version == 1
        }
        positions = [event.position for event in part.events]
        assert positions == sorted(positions)
    assert sum(new.number for new in part.rows.values()) > 0


@pytest.mark.parametrize("workers", [2, 3])
@pytest.mark.usefixtures("helped")
def test_several_processes_make_the_same_tables_as_one(
    database: str, workers: int, monkeypatch: pytest.MonkeyPatch
):
    migrated = schema(database)
    record(history(9, 400))
    alone = rebuild(workers=1)
    expected = contents(database), generations(database)
    said = []

    monkeypatch.setattr(base, "PIECE", 30)
    together = rebuild(workers=workers, progress=lambda done, total: said.append((done, total)))

    assert (contents(database), generations(database)) == expected
    assert schema(database) == migrated
    assert leftovers(database) == []
    for label, result in alone.projections.items():
        other = together.projections[label]
        assert (other.events, other.rows, other.withheld, other.digest) == (
            (result.events, result.rows, result.withheld, result.digest)
        )
    head = Log().head().position
    assert (head, head) in said
    assert said == sorted(said)


def test_an_empty_log_is_rebuilt_by_several_processes_too(database: str):
    assert rebuild(workers=2).position == 0


def test_a_helper_that_dies_is_done_without(database: str, monkeypatch: pytest.MonkeyPatch):
    record(history(9, 400))
    expected = {label: one.digest for label, one in rebuild(workers=1).projections.items()}
    monkeypatch.setattr(postgresql.PostgreSQLTables, "chunk", 70)
    monkeypatch.setattr(sqlite.SQLiteTables, "chunk", 70)
    ready = iter([True])

    def kill_once(helpers: parallel.Helpers) -> bool:
        _waited_for(helpers)
        if next(ready, False):
            (helper,) = multiprocessing.active_children()
            helper.kill()
            helper.join()
        return True

    monkeypatch.setattr(parallel.Helpers, "ready", kill_once)

    rebuilt = rebuild(workers=2)

    assert {label: one.digest for label, one in rebuilt.projections.items()} == expected


@pytest.mark.usefixtures("helped")
def test_an_event_that_nobody_knows_ends_it_and_the_live_tables_stay(database: str):
    record(history(9, 60))
    rebuild()
    before = contents(database)
    log = Log()
    log.append([NewEvent(stream(77_000), 1, "restore.Unheard", 1, b"{}", b'{"actor":"x"}')])
    with pytest.raises(RestoreLogError, match=r"restore\.Unheard"):
        rebuild(workers=2)
    assert contents(database) == before
    assert leftovers(database) == []


def test_an_error_keeps_its_message_and_code_from_one_process_to_another():
    error = pickle.loads(pickle.dumps(StreamConflict()))
    assert (type(error), str(error), error.code) == (
        StreamConflict,
        str(StreamConflict()),
        "stream_conflict",
    )


def test_the_command_takes_the_number_of_workers(database: str):
    record(history(9, 60))
    one = service.run("rebuild", "--json", "--workers", "1", database=database, env={"DEBUG": "1"})
    two = service.run("rebuild", "--json", "--workers", "2", database=database, env={"DEBUG": "1"})
    for label, result in one.json["projections"].items():
        assert two.json["projections"][label]["digest"] == result["digest"]


def test_workers_end_when_the_rebuild_is_killed(database: str, tmp_path: Path):
    record(history(9, 400))
    file = tmp_path / "phase"
    process = forked.start(
        ["-m", "tests.projections.engine.driver", "finish", str(file), "2"],
        env=service.environment(database=database, source=None, env={"DEBUG": "1"}),
    )
    try:
        _until(lambda: file.exists() or process.poll() is not None)
        assert process.poll() is None
        workers = psutil.Process(process.pid).children(recursive=True)
        assert workers
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == -signal.SIGKILL
    _until(lambda: not any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE
                           for worker in workers))  # fmt: skip


def _until(true) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
