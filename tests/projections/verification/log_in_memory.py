"""A log of a few events in memory, read as verification reads the service's own."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import UUID, uuid5

from domain.consolidation.events import HostAdopted
from domain.events import Event
from infrastructure.event_store.codec import new_event
from projections.verification.landmarks import Landmarks
from projections.verification.readers.sqlite import SQLiteReader
from tests.builders import OFFSET, stream

HOST = UUID("5f0c2a53-8d1e-4a8e-9a55-0d6f7c1e2b90")
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


def row_stream(table: str, key: int) -> UUID:
    """The stream of a row of the host: a UUID of version 5, by the standard library."""
    return uuid5(HOST, f"{table}:{key}")


@contextmanager
def log_in_memory(*events: Event) -> Iterator[Landmarks]:
    """The landmarks of a log of these events, their positions from 2, in the host's namespace."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        versions: Counter[UUID] = Counter()
        rows = []
        for position, event in enumerate((ADOPTED, *events), 1):
            new = new_event(event)
            versions[event.originator_id] += 1
            rows.append(
                (
                    position,
                    event.originator_id.hex,
                    versions[event.originator_id],
                    new.topic,
                    new.schema_version,
                    new.state,
                    b"%032d" % position,
                )
            )
        connection.executemany("INSERT INTO event_store_event VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute(
            "INSERT INTO event_store_head VALUES (?, ?)", (len(rows), b"%032d" % len(rows))
        )
        yield Landmarks(SQLiteReader(connection))
