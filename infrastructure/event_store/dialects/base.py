"""The interface of the log's dialects."""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from infrastructure.event_store.records import LogHead, LogRecord, StoredRow

Payload = tuple[int, UUID, int, str, int, bytes]
"""Position, stream id, stream version, topic, schema version, state."""


class LogDialect(Protocol):
    """The log's operations on one kind of database. `connection` is Django's."""

    clock: str
    """Selects the database server's clock, in microseconds since 1970."""
    lock_head: str
    """Selects position, hash and recorded_at of the head, locked until the transaction ends, and
    the database server's clock."""

    def fetch(self, connection: Any, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """All rows that a statement selects, by the driver's own means and parameter marks.

        Django's cursors inspect each call, which takes longer than a short statement.
        """

    def move_head(self, connection: Any, head: LogHead) -> None:
        """Set the end of the log, which is locked."""

    def insert(self, connection: Any, records: Sequence[StoredRow]) -> None:
        """Insert the records, in bulk. Raises Django's `IntegrityError` on a conflict."""

    def read(self, connection: Any, after: int, upto: int | None, limit: int) -> list[LogRecord]:
        """Up to `limit` records after a position, in order."""

    def read_payloads(
        self, connection: Any, after: int, upto: int | None, limit: int
    ) -> list[Payload]:
        """The same without metadata, time, salt and hash."""

    def read_payloads_of(
        self, connection: Any, streams: Sequence[UUID], upto: int
    ) -> list[Payload]:
        """The same of all records of these streams up to a position, in order."""

    def read_stream(self, connection: Any, stream_id: UUID) -> list[LogRecord]:
        """All records of one stream, oldest first."""

    def read_upto(self, connection: Any, after: int, limit: int, longest: int) -> list[LogRecord]:
        """Up to `limit` records after a position; None for a state of more than `longest` bytes."""

    def read_stream_upto(self, connection: Any, stream_id: UUID, longest: int) -> list[LogRecord]:
        """The same, with None for a state of more than `longest` bytes."""

    def read_streams_upto(
        self, connection: Any, streams: Sequence[UUID], upto: int, longest: int
    ) -> list[LogRecord]:
        """The same of several streams up to a position, in order of position."""

    def read_piece(self, connection: Any, position: int, start: int, count: int) -> bytes:
        """Up to `count` bytes of a state, the first being 1; empty beyond its end."""

    def read_states(self, connection: Any, positions: Sequence[int], most: int) -> dict[int, bytes]:
        """The states of these events, by position: from the first on, as many as have up to `most`
        bytes together."""

    def has_version(self, connection: Any, stream_id: UUID, version: int) -> bool:
        """Whether this version of the stream is taken."""

    def guard_problems(self, connection: Any) -> list[str]:
        """What is wrong with the triggers that keep the log append-only; empty if nothing is."""
