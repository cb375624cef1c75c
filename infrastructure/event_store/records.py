"""Events as bytes: what goes into the log, and what comes out of it."""

from typing import NamedTuple
from uuid import UUID


class NewEvent(NamedTuple):
    """An event to append. `stream_version` is the one it expects to get: a conflict is an error."""

    stream_id: UUID
    stream_version: int
    topic: str
    schema_version: int
    state: bytes
    metadata: bytes


SealedEvent = tuple[bytes, int, str, int, bytes, bytes, bytes, bytes]
"""A `NewEvent` whose payload is sealed already (see `chain.seal`): its columns, the stream id as
16 bytes, then salt and seal. A plain tuple, for millions of them are made."""

StoredRow = tuple[int, bytes, int, str, int, bytes, bytes, int, bytes, bytes]
"""A `LogRecord` on its way in: the same columns, the stream id as 16 bytes."""


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
