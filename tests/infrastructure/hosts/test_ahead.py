"""A large first import, whose rows another process reads: it records what a small one would."""

import subprocess
import sys

import pytest

from infrastructure.event_store.codec import CODEC
from infrastructure.event_store.verify_log import verify_chain
from infrastructure.hosts import errors
from infrastructure.hosts.importing import parallel_reader
from tests.infrastructure.hosts.tiny import CONSOLIDATED_BACKUPS, TinyHost
from tests.support import raw, service


@pytest.fixture(autouse=True)
def always_read_ahead(monkeypatch):
    monkeypatch.setattr(parallel_reader, "WORTH_IT", 0)
    monkeypatch.setattr("infrastructure.hosts.importing.chunk.EVENTS", 3)


def test_it_records_the_same(tiny, import_from, log):
    tiny.fill(10)
    report = import_from(tiny.url, zone="Europe/Berlin")
    assert report.events == 33
    assert [(table.rows, table.imported) for table in report.tables.values()] == [
        (5, 5),
        (5, 5),
        (10, 10),
        (10, 10),
    ]
    assert verify_chain(log).ok
    for records in log.records():
        assert all(CODEC.encode(log.decode(r))[2] == r.state for r in records)
    # The index made anew agrees, and the simple way finds nothing to add.
    assert import_from(tiny.url, zone="Europe/Berlin", rebuild_index=True).events == 0


def test_the_process_that_reads_needs_no_framework_and_no_driver_but_the_hosts_own():
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, infrastructure.hosts.importing.parallel_reader; print(*sys.modules)",
        ],
        cwd=service.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "infrastructure.hosts.importing.row_encoder" in loaded.stdout.split()
    assert not {"django", "psycopg", "pymysql"} & set(loaded.stdout.split())


def test_what_the_other_process_refuses_is_refused_here(sqlite_url, import_from):
    TinyHost(sqlite_url)
    raw.execute(sqlite_url, f"DROP TABLE {CONSOLIDATED_BACKUPS}")
    raw.execute(sqlite_url, f"CREATE TABLE {CONSOLIDATED_BACKUPS} (id integer)")
    raw.execute(sqlite_url, f"INSERT INTO {CONSOLIDATED_BACKUPS} VALUES (1), (2), (2)")
    with pytest.raises(errors.KeyNotInteger, match=CONSOLIDATED_BACKUPS):
        import_from(sqlite_url)


def test_a_reader_that_dies_is_said_so_and_the_next_import_carries_on(
    tiny, import_from, monkeypatch
):
    tiny.fill(4)
    started = parallel_reader.get_context

    class Dying:
        """The start method `spawn`, whose processes die at once."""

        def __init__(self, method):
            self.context = started(method)
            self.Pipe = self.context.Pipe

        def Process(self, *, target, args, daemon):
            return self.context.Process(target=print, args=(), daemon=daemon)

    monkeypatch.setattr(parallel_reader, "get_context", Dying)
    with pytest.raises(parallel_reader.ReadingEnded, match="Run it again"):
        import_from(tiny.url)
    monkeypatch.setattr(parallel_reader, "get_context", started)
    assert import_from(tiny.url).events == 12
