"""The log on PostgreSQL: binary COPY in, binary rows out."""

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct
from typing import Any
from uuid import UUID

from psycopg import Cursor
from psycopg.pq import Format

from infrastructure.event_store.dialects.base import Payload
from infrastructure.event_store.records import LogHead, LogRecord, StoredRow
from infrastructure.event_store.sql import sql
from infrastructure.event_store.uuids import from_bytes

_BIGGEST = 2**63 - 1
CLOCK = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
BEFORE, DELETE, UPDATE, TRUNCATE = 2, 8, 16, 32
"""Bits of `pg_trigger.tgtype`."""
TRIGGERS = {
    "event_store_event_no_change": (BEFORE | DELETE | UPDATE, "updates and deletions"),
    "event_store_event_no_truncate": (BEFORE | TRUNCATE, "truncation"),
}
"""The type of each trigger, and what it prevents."""
FEW = 4
"""Up to so many records are inserted one by one: COPY takes several messages to begin and end."""
# PostgreSQL's binary COPY: a signature, then per row the number of fields, and per field its
# length and its bytes. https://www.postgresql.org/docs/current/sql-copy.html
PART = 2**20
"""Bytes that are passed to the driver at a time, unless a row has more."""
_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_END = b"\xff\xff"
_START = Struct(">hiqi16siqi").pack
_SCHEMA_VERSION = Struct(">iii").pack
_LENGTH = Struct(">i").pack
_TIME_AND_SALT = Struct(">iqi").pack


def _copy_row(record: StoredRow) -> bytes:
    (position, stream_id, version, topic_text, schema_version,
     state, metadata, recorded_at, salt, hash_) = record  # fmt: skip
    topic = topic_text.encode()
    return b"".join(
        (
            _START(10, 8, position, 16, stream_id, 8, version, len(topic)),
            topic,
            _SCHEMA_VERSION(4, schema_version, len(state)),
            state,
            _LENGTH(len(metadata)),
            metadata,
            _TIME_AND_SALT(8, recorded_at, len(salt)),
            salt,
            _LENGTH(len(hash_)),
            hash_,
        )
    )


def _parts(rows: Iterable[bytes]) -> Iterator[bytes]:
    """Rows joined into parts. A long row is not joined, so that memory holds it only once."""
    waiting, size = [], 0
    for row in rows:
        waiting.append(row)
        size += len(row)
        if size >= PART:
            yield waiting[0] if len(waiting) == 1 else b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


def _stream_ids(rows: Sequence[Any]) -> list[UUID]:
    return from_bytes([row[1] for row in rows])


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


class PostgreSQLLog:
    clock = f"SELECT {CLOCK}"
    lock_head = f"SELECT position, hash, recorded_at, {CLOCK} FROM event_store_head FOR UPDATE"

    def fetch(self, connection: Any, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        if connection.connection is None:
            connection.ensure_connection()
        # Django's own cursors bind parameters on the client, which cannot fetch binary rows.
        with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
            cursor.format = Format.BINARY
            cursor.execute(statement, parameters, prepare=True)
            rows: list[Any] = cursor.fetchall()
            return rows

    def move_head(self, connection: Any, head: LogHead) -> None:
        with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
            cursor.execute(sql("postgresql", "move_head"), head, prepare=True)

    def insert(self, connection: Any, records: Sequence[StoredRow]) -> None:
        if len(records) <= FEW:
            with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
                for record in records:
                    cursor.execute(sql("postgresql", "insert"), record, prepare=True)
            return
        with (
            connection.wrap_database_errors,
            connection.connection.cursor() as cursor,
            cursor.copy(sql("postgresql", "copy_in")) as copy,
        ):
            copy.write(_SIGNATURE)
            for part in _parts(map(_copy_row, records)):
                copy.write(part)
            copy.write(_END)

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
        ids = list(streams)
        return _payloads(self._fetch(connection, "read_payloads_of", [ids, upto]))

    def read_stream(self, connection: Any, stream_id: UUID) -> list[LogRecord]:
        return _records(self._fetch(connection, "read_stream", [stream_id]))

    def read_upto(self, connection: Any, after: int, limit: int, longest: int) -> list[LogRecord]:
        return _records(self._fetch(connection, "read_upto", [longest, after, _BIGGEST, limit]))

    def read_stream_upto(self, connection: Any, stream_id: UUID, longest: int) -> list[LogRecord]:
        return _records(self._fetch(connection, "read_stream_upto", [longest, stream_id]))

    def read_streams_upto(
        self, connection: Any, streams: Sequence[UUID], upto: int, longest: int
    ) -> list[LogRecord]:
        asked = [longest, list(streams), upto]
        return _records(self._fetch(connection, "read_streams_upto", asked))

    def read_piece(self, connection: Any, position: int, start: int, count: int) -> bytes:
        rows = self._fetch(connection, "read_piece", [start, count, position])
        return bytes(rows[0][0]) if rows else b""

    def read_states(self, connection: Any, positions: Sequence[int], most: int) -> dict[int, bytes]:
        found = self._fetch(connection, "read_states", [list(positions), most])
        return {position: bytes(state) for position, state in found}

    def has_version(self, connection: Any, stream_id: UUID, version: int) -> bool:
        return bool(self._fetch(connection, "has_version", [stream_id, version]))

    def guard_problems(self, connection: Any) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(sql("postgresql", "triggers"))
            found = {row[0]: row[1:] for row in cursor.fetchall()}
            cursor.execute("SHOW session_replication_role")
            (role,) = cursor.fetchone()
        problems = [
            problem
            for name, (kind, against) in TRIGGERS.items()
            if (problem := _trigger_problem(name, kind, against, found.get(name)))
        ]
        if role != "origin":
            problems.append(
                f"session_replication_role is {role} for this role or database, which disables "
                "triggers"
            )
        return problems

    def _fetch(self, connection: Any, name: str, parameters: list[Any]) -> list[Any]:
        return self.fetch(connection, sql("postgresql", name), parameters)


def _trigger_problem(name: str, kind: int, against: str, found: tuple[Any, ...] | None) -> str:
    """What is wrong with a trigger; empty if nothing is."""
    if found is None:
        return f"the trigger {name}, which refuses {against}, is missing"
    enabled, type_, plain, body = found
    if enabled != "A":
        return f"the trigger {name}, which refuses {against}, is not enabled for every session"
    if type_ != kind or not plain or body.strip() != REFUSAL:
        return f"the trigger {name}, which should refuse {against}, was changed"
    return ""


REFUSAL = sql("postgresql", "append_only").split("$$")[1].strip()
"""The body of the triggers' function."""
