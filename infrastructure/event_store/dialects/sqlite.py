"""The log on SQLite: prepared statements on Django's connection."""

import json
import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import DecodeError

from infrastructure.event_store.dialects.base import Payload
from infrastructure.event_store.records import LogHead, LogRecord, StoredRow
from infrastructure.event_store.sql import sql
from infrastructure.event_store.uuids import from_hex

_BIGGEST = 2**63 - 1
# A Julian day, which SQLite counts in milliseconds; 1970 began on day 2440587.5.
CLOCK = "CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER) * 1000"


class SQLiteLog:
    """UUIDs are stored as 32 hexadecimal digits, as Django does."""

    # The transaction began IMMEDIATE, so the whole file is locked already.
    lock_head = f"SELECT position, hash, recorded_at, {CLOCK} FROM event_store_head"
    clock = f"SELECT {CLOCK}"

    def fetch(self, connection: Any, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        if connection.connection is None:
            connection.ensure_connection()
        with connection.wrap_database_errors:
            rows: list[Any] = connection.connection.execute(statement, parameters).fetchall()
            return rows

    def move_head(self, connection: Any, head: LogHead) -> None:
        with connection.wrap_database_errors:
            connection.connection.execute(sql("sqlite", "move_head"), head)

    def insert(self, connection: Any, records: Sequence[StoredRow]) -> None:
        rows = [(record[0], record[1].hex(), *record[2:]) for record in records]
        driver = connection.connection
        with connection.wrap_database_errors:
            if len(rows) == 1:
                driver.execute(sql("sqlite", "insert"), rows[0])
            else:
                driver.executemany(sql("sqlite", "insert"), rows)

    def read(self, connection: Any, after: int, upto: int | None, limit: int) -> list[LogRecord]:
        return _records(
            self._fetch(connection, "read", [after, _BIGGEST if upto is None else upto, limit])
        )

    def read_payloads(
        self, connection: Any, after: int, upto: int | None, limit: int
    ) -> list[Payload]:
        upto = _BIGGEST if upto is None else upto
        return _payloads(self._fetch(connection, "read_payloads", [after, upto, limit]))

    def read_payloads_of(
        self, connection: Any, streams: Sequence[UUID], upto: int
    ) -> list[Payload]:
        ids = json.dumps([stream.hex for stream in streams])
        return _payloads(self._fetch(connection, "read_payloads_of", [ids, upto]))

    def read_stream(self, connection: Any, stream_id: UUID) -> list[LogRecord]:
        return _records(self._fetch(connection, "read_stream", [stream_id.hex]))

    def read_upto(self, connection: Any, after: int, limit: int, longest: int) -> list[LogRecord]:
        return _records(self._fetch(connection, "read_upto", [longest, after, _BIGGEST, limit]))

    def read_stream_upto(self, connection: Any, stream_id: UUID, longest: int) -> list[LogRecord]:
        return _records(self._fetch(connection, "read_stream_upto", [longest, stream_id.hex]))

    def read_streams_upto(
        self, connection: Any, streams: Sequence[UUID], upto: int, longest: int
    ) -> list[LogRecord]:
        ids = json.dumps([stream.hex for stream in streams])
        return _records(self._fetch(connection, "read_streams_upto", [longest, ids, upto]))

    def read_piece(self, connection: Any, position: int, start: int, count: int) -> bytes:
        rows = self._fetch(connection, "read_piece", [start, count, position])
        return bytes(rows[0][0]) if rows else b""

    def read_states(self, connection: Any, positions: Sequence[int], most: int) -> dict[int, bytes]:
        found = self._fetch(connection, "read_states", [json.dumps(list(positions)), most])
        return {position: bytes(state) for position, state in found}

    def has_version(self, connection: Any, stream_id: UUID, version: int) -> bool:
        return bool(self._fetch(connection, "has_version", [stream_id.hex, version]))

    def guard_problems(self, connection: Any) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' "
                "AND tbl_name = 'event_store_event'"
            )
            found = {name: _in_one_line(text) for name, text in cursor.fetchall()}
        return [
            f"the trigger {name} is missing"
            if name not in found
            else f"the trigger {name} was changed"
            for name, text in TRIGGERS.items()
            if found.get(name) != text
        ]

    def _fetch(self, connection: Any, name: str, parameters: list[Any]) -> list[Any]:
        return self.fetch(connection, sql("sqlite", name), parameters)


def _stream_ids(rows: Sequence[Any]) -> list[UUID]:
    digits = [row[1] for row in rows]
    try:
        found = from_hex(digits)
    except (TypeError, DecodeError):
        found = []
    return found if len(found) == len(digits) else [_stream_id(one) for one in digits]


def _stream_id(stored: Any) -> Any:
    """A UUID; any other value stays as it is, and the chain's check will report it."""
    try:
        return UUID(stored)
    except (TypeError, ValueError, AttributeError):
        return stored


def _payloads(rows: Sequence[Any]) -> list[Payload]:
    return [
        (row[0], stream_id, *row[2:])
        for row, stream_id in zip(rows, _stream_ids(rows), strict=True)
    ]


def _records(rows: Sequence[Any]) -> list[LogRecord]:
    return [
        LogRecord(row[0], stream_id, *row[2:])
        for row, stream_id in zip(rows, _stream_ids(rows), strict=True)
    ]


def _in_one_line(statement: str) -> str:
    return " ".join(statement.rstrip("; \n").split())


TRIGGERS = {
    name: _in_one_line(statement)
    for name, statement in re.findall(
        r"^(?=CREATE TRIGGER (\w+))(.*?^END);",
        sql("sqlite", "append_only"),
        re.DOTALL | re.MULTILINE,
    )
}
"""The log's triggers as they were created, by name."""
