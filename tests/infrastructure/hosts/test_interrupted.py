"""An import that is killed, runs out of disk, or is not alone."""

import json
import signal
from collections import Counter

import pytest
from django.db import connection

from domain.consolidation.events import HostAdopted
from infrastructure.event_store.verify_log import verify_chain
from infrastructure.hosts import errors
from tests.infrastructure.hosts.tiny import LEGACY, TinyHost
from tests.support import forked, raw
from tests.support.forked import Process
from tests.support.service import environment

FIRST = 3
"""The host, its columns and its zone: what a first import records before any row."""

EVENTS = FIRST + 10 + 10 + 20 + 20


def start(database: str, source: str, *stop_in: str) -> Process:
    return forked.start(
        ["-m", "tests.infrastructure.hosts.in_another_process", source, *stop_in],
        env=environment(database=database, source=None, env={"DEBUG": "1"}),
    )


def assert_every_row_once(events) -> None:
    recorded = events()
    assert isinstance(recorded[0], HostAdopted)
    streams = Counter(event.originator_id for event in recorded)
    assert (len(recorded), set(streams.values())) == (EVENTS, {1, FIRST})


@pytest.fixture
def host(sqlite_url: str) -> str:
    TinyHost(sqlite_url).fill(20)
    return sqlite_url


@pytest.mark.parametrize(
    ("phase", "occurrence", "recorded"),
    [
        ("reading", "2", FIRST),  # the host is adopted, its first table begun
        ("appending", "1", 0),
        ("appending", "4", FIRST + 10),
        ("committing", "5", FIRST + 10 + 7),
        ("committed", "6", FIRST + 10 + 10 + 7),
    ],
)
def test_an_import_killed_at_any_moment_carries_on(
    phase, occurrence, recorded, database, host, import_from, events
):
    process = start(database, host, phase, occurrence)
    said = process.stdout.readline().split()
    assert said == [phase, occurrence], process.stderr.read()
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    process.stderr.close()

    assert len(events()) == recorded
    assert import_from(host).events == EVENTS - recorded
    assert_every_row_once(events)
    assert import_from(host).events == 0


def test_two_imports_at_once_record_every_row_once(database, host, import_from, events):
    both = [start(database, host) for _ in range(2)]
    reports = []
    for process in both:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        reports.append(json.loads(out))
    assert sum(report["events"] for report in reports) == EVENTS
    assert_every_row_once(events)
    assert import_from(host).events == 0


def test_an_import_that_another_one_overtakes_starts_again(
    database, host, import_from, events, monkeypatch
):
    monkeypatch.setattr("infrastructure.hosts.importing.importer.QUIET", 0.05)
    monkeypatch.setattr("infrastructure.hosts.importing.chunk.EVENTS", 7)
    others = []

    def let_another_one_in(phase: str) -> None:
        if phase == "reading" and not others:
            others.append(start(database, host))
            assert others[0].wait(timeout=120) == 0
            others[0].communicate()

    report = import_from(host, on_phase=let_another_one_in)
    assert_every_row_once(events)
    tables = report.tables.values()
    assert [table.imported + table.unchanged for table in tables] == [10, 10, 20, 20]


@pytest.mark.parametrize("vendor", ["sqlite"])  # max_page_count is SQLite's
def test_a_full_disk_is_one_line_and_the_log_stays_whole(sqlite_url, import_from, database, log):
    tiny = TinyHost(sqlite_url)
    tiny.fill(20)
    tiny.execute(f"UPDATE {LEGACY} SET message = ?", ["x" * 50_000])
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        pages = cursor.fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 40}")
    with pytest.raises(errors.DiskFull, match="then import again"):
        import_from(sqlite_url)
    assert verify_chain(log).ok
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")
    import_from(sqlite_url)
    assert log.head().position == EVENTS
    assert raw.value(database, "SELECT count(*) FROM hosts_importedrow") == EVENTS - FIRST
