"""Events as bytes, before they are appended to the log and after they are read from it."""

from typing import NamedTuple
from uuid import UUID


class NewEvent(NamedTuple):
    """An event to append. It is an error if its `stream_version` is taken."""

    stream_id: UUID
    stream_version: int
    topic: str
    schema_version: int
    state: bytes
    metadata: bytes


SealedEvent = tuple[bytes, int, str, int, bytes, bytes, bytes, bytes]
"""A `NewEvent` whose payload is sealed already (see `chain.seal`): its columns, the stream id as
16 bytes, then salt and seal. A plain tuple, since millions of them are made."""

StoredRow = tuple[int, bytes, int, str, int, bytes, bytes, int, bytes, bytes]
"""A `LogRecord` to be inserted: the same columns, the stream id as 16 bytes."""


class LogRecord(NamedTuple):
    """A stored event, column by column. `recorded_at` is in microseconds since 1970, UTC."""

    position: int
    stream_id: UUID
    stream_version: int
    topic: str
    schema_version: int
    state: bytes
    metadata: bytes
    recorded_at: int
    salt: bytes
    hash: bytes


class LogHead(NamedTuple):
    """The end of the log."""

    position: int
    hash: bytes
    recorded_at: int
