"""The log on SQLite: prepared statements on the connection that Django holds."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import DecodeError

from infrastructure.event_store.dialects.base import Payload
from infrastructure.event_store.records import LogRecord, StoredRow
from infrastructure.event_store.sql import sql
from infrastructure.event_store.uuids import from_hex

_BIGGEST = 2**63 - 1


class SQLite:
    """UUIDs are stored as 32 hexadecimal digits, as Django does."""

    # The transaction began IMMEDIATE, so the whole file is locked already.
    lock_head = "SELECT position, hash, recorded_at FROM event_store_head"

    def insert(self, connection: Any, records: Sequence[StoredRow]) -> None:
        rows = [(record[0], record[1].hex(), *record[2:]) for record in records]
        # The driver's own: Django's cursor looks at every call, and keeps a copy of every row.
        with connection.wrap_database_errors:
            connection.connection.executemany(sql("sqlite", "insert"), rows)

    def read(self, connection: Any, after: int, upto: int | None, limit: int) -> list[LogRecord]:
        return _records(
            self._fetch(connection, "read", [after, _BIGGEST if upto is None else upto, limit])
        )

    def read_payloads(
        self, connection: Any, after: int, upto: int | None, limit: int
    ) -> list[Payload]:
        rows = self._fetch(
            connection, "read_payloads", [after, _BIGGEST if upto is None else upto, limit]
        )
        return [
            (row[0], stream_id, *row[2:])
            for row, stream_id in zip(rows, _stream_ids(rows), strict=True)
        ]

    def read_stream(self, connection: Any, stream_id: UUID) -> list[LogRecord]:
        return _records(self._fetch(connection, "read_stream", [stream_id.hex]))

    def has_version(self, connection: Any, stream_id: UUID, version: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(sql("sqlite", "has_version"), [stream_id.hex, version])
            return cursor.fetchone() is not None

    def _fetch(self, connection: Any, name: str, parameters: list[Any]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql("sqlite", name), parameters)
            rows: list[Any] = cursor.fetchall()
            return rows


def _stream_ids(rows: Sequence[Any]) -> list[UUID]:
    digits = [row[1] for row in rows]
    try:
        found = from_hex(digits)
    except (TypeError, DecodeError):
        found = []
    return found if len(found) == len(digits) else [_stream_id(one) for one in digits]


def _stream_id(stored: Any) -> Any:
    """A UUID; what is none stays as it is, for the chain's check to stumble over."""
    try:
        return UUID(stored)
    except (TypeError, ValueError, AttributeError):
        return stored


def _records(rows: Sequence[Any]) -> list[LogRecord]:
    return [
        LogRecord(row[0], stream_id, *row[2:])
        for row, stream_id in zip(rows, _stream_ids(rows), strict=True)
    ]
