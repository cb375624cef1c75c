"""A log and a host in memory, of a few events and rows, for verification's own readers."""

import sqlite3
from typing import Any
from uuid import UUID

from domain.consolidation.events import HostAdopted
from domain.events import Event
from infrastructure.event_store.codec import CODEC
from projections.verification.landmarks import Landmarks
from projections.verification.readers.sqlite import SQLiteReader

HOST = UUID("6a1f9c52-7f0e-4f1c-9c55-0a5f0f3f0b01")
OFFSET = 10**12


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


def host_of(table: str, declared: dict[str, str], *rows: dict[str, Any]) -> SQLiteReader:
    """A host with one table: its columns with the types they are declared with, and its rows."""
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE {table} ({', '.join(map(' '.join, declared.items()))})")
    marks = ", ".join("?" * len(declared))
    for row in rows:
        values = [row[column] for column in declared]
        connection.execute(f"INSERT INTO {table} VALUES ({marks})", values)
    return SQLiteReader(connection, owned=True)
