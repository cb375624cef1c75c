"""A rebuild shared by several processes makes what one process makes."""

import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from domain.errors import RestoreLogError
from infrastructure.event_store.errors import StreamConflict
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import NewEvent, Share
from projections.engine import parallel
from projections.engine.rebuild import rebuild
from tests.builders import stream
from tests.projections.engine.tables import contents, generations, leftovers, schema
from tests.projections.histories import history, record
from tests.support import service


def test_shares_hold_every_event_once_and_streams_whole(database: str):
    record(history(4, 300))
    shares = [
        [event for events in Log().events(chunk=50, share=Share(n, 3)) for event in events]
        for n in range(3)
    ]
    positions = sorted(event.position for share in shares for event in share)
    assert positions == list(range(1, Log().head().position + 1))
    streams = [{event.originator_id for event in share} for share in shares]
    assert not streams[0] & streams[1] | streams[0] & streams[2] | streams[1] & streams[2]
    assert all(streams)


@pytest.mark.parametrize("workers", [2, 3])
def test_several_processes_make_the_same_tables_as_one(database: str, workers: int, monkeypatch):
    monkeypatch.setattr(parallel, "STEP", 70)
    migrated = schema(database)
    record(history(9, 400))
    alone = rebuild(workers=1)
    expected = contents(database), generations(database)
    said = []

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
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.projections.engine.driver", "finish", str(file), "2"],
        cwd=service.ROOT,
        env=service.environment(database=database, source=None, env={"DEBUG": "1"}),
    )
    try:
        _until(lambda: file.exists() or process.poll() is not None)
        assert process.poll() is None
        workers = psutil.Process(process.pid).children(recursive=True)
        assert workers
    finally:
        process.kill()
        process.wait()
    assert process.returncode == -signal.SIGKILL
    _until(lambda: not any(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE
                           for worker in workers))  # fmt: skip


def _until(true) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
