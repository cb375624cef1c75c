"""A host of a few rows and a log of a few events, in memory: nothing is migrated or imported."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from projections.verification.landmarks import Landmarks
from projections.verification.readers.sqlite import SQLiteReader

HOST = UUID("8a4f2b1e-0000-4000-8000-000000000001")

Said = tuple[str, str, Any]
"""An event: its stream, its topic, and its state as JSON, or as the very text that is stored."""


def tiny_log(*events: Said) -> Landmarks:
    """The log of these events, bound to the host `HOST`."""
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE TABLE event_store_event (position INTEGER, stream_id, topic, schema_version, state)"
    )
    connection.execute("CREATE TABLE event_store_head (position, hash)")
    for stream, topic, state in events:
        text = state if isinstance(state, str) else json.dumps(state)
        connection.execute(
            "INSERT INTO event_store_event SELECT count(*) + 1, ?, ?, 1, ? FROM event_store_event",
            (stream, topic, text.encode()),
        )
    connection.execute(
        "INSERT INTO event_store_head SELECT count(*), ? FROM event_store_event",
        (bytes(range(32)),),
    )
    log = Landmarks(SQLiteReader(connection, owned=True))
    log.host_id, log.id_offset = HOST, 1_000
    return log


def tiny_host(*statements: str, rows: Sequence[Sequence[Any]] = ()) -> SQLiteReader:
    """A host of four tables. `rows` are id, name and content of the consolidated backups."""
    connection = sqlite3.connect(":memory:")
    for table in ("database_management_backuplog", "database_management_restorelog"):
        connection.execute(f"CREATE TABLE {table} (id INTEGER)")
    connection.execute("CREATE TABLE system_backups_backuplog (id INTEGER, name TEXT, bytes BLOB)")
    connection.execute("CREATE TABLE system_backups_restorelog (id INTEGER)")
    connection.executemany("INSERT INTO system_backups_backuplog VALUES (?, ?, ?)", rows)
    for statement in statements:
        connection.execute(statement)
    return SQLiteReader(connection, owned=True)
