"""The log: one order, no gaps, conflicts are errors, nothing is ever changed."""

import threading
import time
from hashlib import sha256
from unittest import mock
from uuid import UUID

import pytest
from django.db import connections, transaction

from domain.restores.events import RestoreCompleted, RestoreImported
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.errors import StreamConflict
from infrastructure.event_store.log import Log
from tests.builders import NOON, completed, imported, minutes, requested, started, stream
from tests.support import raw


def positions(url: str) -> list[int]:
    return [row[0] for row in raw.rows(url, "SELECT position FROM event_store_event ORDER BY 1")]


def test_an_empty_log_ends_at_position_0(log: Log):
    assert log.head().position == 0
    assert list(log.events()) == []


def test_events_come_back_as_they_were_appended(filled: Log):
    (chunk,) = filled.events(with_metadata=True)
    assert [event.position for event in chunk] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert isinstance(chunk[2], RestoreCompleted)
    assert chunk[2].completed_at == NOON + minutes(3)
    assert chunk[2].metadata.actor == "ops"
    assert isinstance(chunk[3], RestoreImported)
    assert chunk[3].columns == imported(2, key=5).columns
    assert chunk[3].originator_id == stream(2)


def test_the_fast_reader_and_the_plain_one_agree(filled: Log):
    fast = [event for chunk in filled.events(chunk=3) for event in chunk]
    plain = [filled.decode(record) for chunk in filled.records(chunk=5) for record in chunk]
    bare = [(type(e), e.position, e.originator_id, e.originator_version) for e in plain]
    assert [(type(e), e.position, e.originator_id, e.originator_version) for e in fast] == bare
    assert [new_event(e).state for e in fast] == [new_event(e).state for e in plain]


def test_reading_between_two_positions(filled: Log):
    assert [e.position for chunk in filled.events(after=2, upto=5) for e in chunk] == [3, 4, 5]


def test_a_stream_is_read_oldest_first(filled: Log):
    assert [event.TOPIC for event in filled.stream(stream(4))] == [
        "restore.Requested",
        "restore.Started",
        "restore.Completed",
    ]


def test_a_taken_version_is_a_conflict_and_nothing_is_recorded(filled: Log, database: str):
    with pytest.raises(StreamConflict, match=str(stream(1))):
        filled.append([new_event(requested(9)), new_event(started(1, version=2))])
    assert positions(database) == list(range(1, 9))
    assert filled.head().position == 8


def test_a_rolled_back_append_leaves_no_gap(filled: Log, database: str):
    with transaction.atomic():
        filled.append([new_event(requested(9))])
        transaction.set_rollback(True)
    filled.append([new_event(requested(10))])
    assert positions(database) == list(range(1, 10))


def test_recorded_at_never_runs_backwards_when_the_clock_does(filled: Log):
    before = filled.head().recorded_at
    with mock.patch("time.time_ns", return_value=10**18):  # the year 2001
        filled.append([new_event(requested(9))])
    assert filled.head().recorded_at == before


def test_position_at_finds_the_last_one_recorded_by_then(log: Log):
    for number, second in enumerate((10, 20, 20, 30), start=1):
        with mock.patch("time.time_ns", return_value=second * 10**9):
            log.append([new_event(requested(number))])
    at = {second: log.position_at(second * 1_000_000) for second in (9, 10, 15, 20, 29, 30, 99)}
    assert at == {9: 0, 10: 1, 15: 1, 20: 3, 29: 3, 30: 4, 99: 4}


def test_the_stored_columns_are_what_the_design_says(filled: Log, database: str):
    ((topic, version, state, metadata),) = raw.rows(
        database,
        "SELECT topic, schema_version, state, metadata FROM event_store_event WHERE position = 2",
    )
    assert (topic, version) == ("restore.Started", 2)
    assert bytes(state) == (
        b'{"started_at":"2025-06-01T12:00:00Z","command":"","host":"","heartbeat_seconds":null}'
    )
    assert bytes(metadata) == b'{"actor":"ops"}'


def test_a_hash_covers_the_event_and_the_hash_before_it(filled: Log, database: str):
    def part(data: bytes) -> bytes:
        return len(data).to_bytes(8, "big") + data

    def digest(*parts: bytes) -> bytes:
        return sha256(b"".join(map(part, parts))).digest()

    before = bytes(32)
    for row in raw.rows(database, "SELECT * FROM event_store_event ORDER BY position"):
        position, stream_id, version, topic, schema, state, metadata, at, salt, found = row
        header = b"".join(
            (
                position.to_bytes(8, "big"),
                UUID(str(stream_id)).bytes,
                version.to_bytes(8, "big"),
                schema.to_bytes(4, "big"),
                at.to_bytes(8, "big"),
                topic.encode(),
            )
        )
        payload = digest(bytes(salt), bytes(state)), digest(bytes(salt), bytes(metadata))
        assert len(bytes(salt)) == 16
        before = digest(before, header, *payload)
        assert bytes(found) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event_store_event SET topic = 'x' WHERE position = 1",
        "DELETE FROM event_store_event WHERE position = 8",
        "TRUNCATE event_store_event",
        "INSERT OR REPLACE INTO event_store_event SELECT * FROM event_store_event LIMIT 1",
        "INSERT OR REPLACE INTO event_store_event SELECT 99, stream_id, stream_version, topic,"
        " schema_version, state, metadata, recorded_at, salt, hash FROM event_store_event LIMIT 1",
        "INSERT INTO event_store_event SELECT * FROM event_store_event WHERE position = 1"
        " ON CONFLICT (position) DO UPDATE SET topic = 'x'",
    ],
)
def test_the_database_itself_refuses_to_change_an_event(filled: Log, database: str, statement: str):
    before = raw.rows(database, "SELECT * FROM event_store_event ORDER BY position")
    with pytest.raises(Exception, match=r"append-only|syntax|stands there already"):
        raw.execute(database, statement)
    assert raw.rows(database, "SELECT * FROM event_store_event ORDER BY position") == before


def test_16_writers_and_4_followers_see_one_order_without_gaps(log: Log, database: str):
    writers, appends, each = 16, 12, 3
    followed: list[list[int]] = [[] for _ in range(4)]
    failures: list[BaseException] = []
    total = writers * appends * each

    def guarded(work, *args):
        try:
            work(*args)
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            connections.close_all()

    def write(writer: int) -> None:
        for round_ in range(appends):
            number = 1000 * writer + round_
            events = (requested(number), started(number), completed(number))
            Log().append([new_event(event) for event in events])

    def follow(seen: list[int]) -> None:
        deadline = time.monotonic() + 120
        while len(seen) < total and time.monotonic() < deadline:
            after = seen[-1] if seen else 0
            for chunk in Log().events(after=after, chunk=50):
                seen.extend(event.position for event in chunk)

    threads = [threading.Thread(target=guarded, args=(follow, seen)) for seen in followed]
    threads += [threading.Thread(target=guarded, args=(write, n)) for n in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert positions(database) == list(range(1, total + 1))
    for seen in followed:
        assert seen == list(range(1, total + 1))


def test_two_appends_to_one_stream_at_once_leave_one_winner(log: Log):
    log.append([new_event(requested(1))])
    outcomes: list[str] = []
    barrier = threading.Barrier(4)

    def start() -> None:
        barrier.wait()
        try:
            Log().append([new_event(started(1, version=2))])
            outcomes.append("recorded")
        except StreamConflict:
            outcomes.append("conflict")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "conflict", "conflict", "recorded"]
    assert log.head().position == 2


def test_a_stream_id_is_stored_as_the_uuid_that_it_is(filled: Log, database: str):
    ((stored,),) = raw.rows(database, "SELECT stream_id FROM event_store_event WHERE position = 1")
    assert UUID(str(stored)) == stream(1)
