"""A log and a host in memory, of a few events and rows, for verification's own readers."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any
from uuid import UUID

from domain.consolidation.events import HostAdopted
from domain.events import Event
from infrastructure.event_store.codec import CODEC
from projections.verification.landmarks import Landmarks
from projections.verification.readers.sqlite import SQLiteReader

HOST = UUID("6a1f9c52-7f0e-4f1c-9c55-0a5f0f3f0b01")
OFFSET = 10**12

LEGACY_RESTORES = (
    "id integer, name text, source_backup_id integer, status text, restore_method text,"
    " target_database text, started_at datetime, completed_at datetime, duration_seconds integer,"
    " message text, created_by_id integer, created_at datetime, updated_at datetime"
)
CONSOLIDATED_RESTORES = (
    LEGACY_RESTORES.replace("restore_method", "trigger_type")
    + ", restore_type text, is_overwrite bool"
)
RESTORE = {
    "id": 41,
    "name": "nightly",
    "source_backup_id": 7,
    "status": "completed",
    "target_database": "shop",
    "started_at": "2024-05-06 12:00:00",
    "completed_at": "2024-05-06 12:05:00.000007",
    "duration_seconds": 300,
    "message": "done",
    "created_by_id": 3,
    "created_at": "2024-05-06 11:59:00",
    "updated_at": "2024-05-06 12:05:01",
}


def log_of(*entries: tuple[int, str, Event]) -> Landmarks:
    """The log of these events: position, stream and event, behind the host's adoption at 1."""
    adopted = HostAdopted(host_id=HOST, fingerprint="f", id_offset=OFFSET)
    everything = [(1, UUID(int=1).hex, adopted), *entries]
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE event_store_head (position, hash)")
    connection.execute(
        "CREATE TABLE event_store_event"
        " (position, stream_id, stream_version, topic, schema_version, state, hash)"
    )
    for position, stream, event in everything:
        topic, version, state, _ = CODEC.encode(event)
        row = (position, stream, position, topic, version, state, bytes(32))
        connection.execute("INSERT INTO event_store_event VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    connection.execute("INSERT INTO event_store_head VALUES (?, ?)", (everything[-1][0], bytes(32)))
    return Landmarks(SQLiteReader(connection, owned=True))


def host_of(**tables: tuple[str, Sequence[dict[str, Any]]]) -> SQLiteReader:
    """A host with these tables: the declared columns, and rows that may leave some out."""
    connection = sqlite3.connect(":memory:")
    for name, (columns, rows) in tables.items():
        connection.execute(f"CREATE TABLE {name} ({columns})")
        for row in rows:
            marks = ", ".join("?" * len(row))
            with closing(connection.cursor()) as cursor:
                cursor.execute(
                    f"INSERT INTO {name} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
                )
    return SQLiteReader(connection, owned=True)
