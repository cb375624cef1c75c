"""The log on SQLite: prepared statements on the connection that Django holds."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from infrastructure.event_store.dialects.base import Payload
from infrastructure.event_store.records import LogRecord, StoredRow
from infrastructure.event_store.sql import sql

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
        with connection.cursor() as cursor:
            cursor.execute(
                sql("sqlite", "read"), [after, _BIGGEST if upto is None else upto, limit]
            )
            return [LogRecord(row[0], UUID(row[1]), *row[2:]) for row in cursor.fetchall()]

    def read_payloads(
        self, connection: Any, after: int, upto: int | None, limit: int
    ) -> list[Payload]:
        with connection.cursor() as cursor:
            cursor.execute(
                sql("sqlite", "read_payloads"),
                [after, _BIGGEST if upto is None else upto, limit],
            )
            return [(row[0], UUID(row[1]), *row[2:]) for row in cursor.fetchall()]

    def read_stream(self, connection: Any, stream_id: UUID) -> list[LogRecord]:
        with connection.cursor() as cursor:
            cursor.execute(sql("sqlite", "read_stream"), [stream_id.hex])
            return [LogRecord(row[0], UUID(row[1]), *row[2:]) for row in cursor.fetchall()]

    def has_version(self, connection: Any, stream_id: UUID, version: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(sql("sqlite", "has_version"), [stream_id.hex, version])
            return cursor.fetchone() is not None
