"""Logs of a few events and hosts of a few rows, in memory, read as verification reads real ones."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID, uuid5

from domain.consolidation.events import HostAdopted
from domain.events import Event
from infrastructure.event_store.codec import CODEC
from projections.verification.actual.readers.sqlite import SQLiteSnapshotReader
from projections.verification.log_index import LogIndex
from tests.builders import OFFSET, stream

HOST = UUID("6a1f9c52-7f0e-4f1c-9c55-0a5f0f3f0b01")
ADOPTED = HostAdopted(
    originator_id=stream(0), originator_version=1, host_id=HOST, fingerprint="f", id_offset=OFFSET
)
SCHEMA = """
CREATE TABLE event_store_head (position INTEGER, hash BLOB);
CREATE TABLE event_store_event (
    position INTEGER PRIMARY KEY, stream_id TEXT, stream_version INTEGER, topic TEXT,
    schema_version INTEGER, state BLOB, hash BLOB
)
"""

NIGHTLY = {
    "id": "i1:7",
    "name": "t9:nightly 7",
    "source_backup_id": "-",
    "status": "t9:completed",
    "restore_method": "t6:manual",
    "restore_type": "t8:database",
    "trigger_type": "t6:manual",
    "target_database": "t4:shop",
    "is_overwrite": "b1:0",
    "started_at": "d26:2024-02-29T23:00:00.000001",
    "completed_at": "d26:2024-02-29T23:05:00.000000",
    "duration_seconds": "i3:300",
    "message": "t4:done",
    "created_by_id": "t1:4",
    "created_at": "d26:2024-02-29T22:59:59.000000",
    "updated_at": "d26:2024-02-29T23:05:00.000000",
    "backup_id": "-",
    "created_by_username": "t3:ada",
    "origin": "t6:legacy",
    "version": "i1:1",
    "amended": "t2:[]",
    "extra": "t2:{}",
    "validation": "-",
    "warnings_count": "-",
}
"""What `tests.builders.imported` brings, as cells, by the columns of both restore tables."""

Stored = tuple[int, str, int, str, int, bytes]
"""A row of the log: position, stream, its version, topic, schema version, state."""

Said = tuple[str, str, Any]
"""An event: its stream, its topic, and its state as JSON, or as the very text that is stored."""


def row_stream(table: str, key: int) -> UUID:
    """The stream of a row of the host: a UUID of version 5, by the standard library."""
    return uuid5(HOST, f"{table}:{key}")


@contextmanager
def log_in_memory(*events: Event) -> Iterator[LogIndex]:
    """The landmarks of a log of these events, their positions from 2, in the host's namespace."""
    log = log_of(*((n, event.originator_id.hex, event) for n, event in enumerate(events, 2)))
    with closing(log.service):
        yield log


def log_of(*entries: tuple[int, str, Event]) -> LogIndex:
    """The log of these events: position, stream and event, behind the host's adoption at 1."""
    versions: Counter[str] = Counter()
    rows = []
    for position, stream_id, event in [(1, ADOPTED.originator_id.hex, ADOPTED), *entries]:
        topic, schema_version, state, _ = CODEC.encode(event)
        versions[stream_id] += 1
        rows.append((position, stream_id, versions[stream_id], topic, schema_version, state))
    return _log(rows)


def log_of_states(*events: Said) -> LogIndex:
    """The log of these states, from position 1, its host known already."""
    texts = [state if isinstance(state, str) else json.dumps(state) for *_, state in events]
    log = _log(
        [
            (position, stream_id, position, topic, 1, text.encode())
            for position, ((stream_id, topic, _), text) in enumerate(
                zip(events, texts, strict=True), 1
            )
        ]
    )
    log.host_id, log.id_offset = HOST, 1_000
    return log


def _log(rows: list[Stored]) -> LogIndex:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    connection.executemany(
        "INSERT INTO event_store_event VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(*row, _hash(row[0])) for row in rows],
    )
    head = rows[-1][0] if rows else 0
    connection.execute("INSERT INTO event_store_head VALUES (?, ?)", (head, _hash(head)))
    return LogIndex(SQLiteSnapshotReader(connection))


def _hash(position: int) -> bytes:
    return b"%032d" % position


def host_of(table: str, declared: dict[str, str], *rows: dict[str, Any]) -> SQLiteSnapshotReader:
    """A host with one table: its columns with the types they are declared with, and its rows."""
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE {table} ({', '.join(map(' '.join, declared.items()))})")
    marks = ", ".join("?" * len(declared))
    for row in rows:
        values = [row[column] for column in declared]
        connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)
    return SQLiteSnapshotReader(connection)


def host_of_four(*statements: str, rows: Sequence[Sequence[Any]] = ()) -> SQLiteSnapshotReader:
    """A host of four tables. `rows` are id, name and content of the consolidated backups."""
    connection = sqlite3.connect(":memory:")
    for table in ("database_management_backuplog", "database_management_restorelog"):
        connection.execute(f"CREATE TABLE {table} (id INTEGER)")
    connection.execute("CREATE TABLE system_backups_backuplog (id INTEGER, name TEXT, bytes BLOB)")
    connection.execute("CREATE TABLE system_backups_restorelog (id INTEGER)")
    connection.executemany("INSERT INTO system_backups_backuplog VALUES (?, ?, ?)", rows)
    for statement in statements:
        connection.execute(statement)
    return SQLiteSnapshotReader(connection)
