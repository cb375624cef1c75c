"""The log: events are appended in one order and read in that order."""

import time
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connections, transaction
from msgspec.structs import force_setattr

from domain.administration.events import LogAccepted
from domain.events import Event
from infrastructure.databases.asked_once import asked_once
from infrastructure.event_store.chain import GENESIS, ChainVerifier, link, salts, seal
from infrastructure.event_store.codec import CODEC, Codec, column_number, with_envelope
from infrastructure.event_store.dialects import log_dialect
from infrastructure.event_store.dialects.base import LogDialect
from infrastructure.event_store.errors import BrokenChain, ClockAhead, StreamConflict
from infrastructure.event_store.head_file import refuse_lost_end
from infrastructure.event_store.records import LogHead, LogRecord, NewEvent, SealedEvent, StoredRow
from infrastructure.event_store.shortened_json import PIECE, shorten_texts
from infrastructure.event_store.sql import sql

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CHUNK = 5_000
"""Events per query when reading: large enough to be fast, small enough for memory."""
AT_ONCE = 8_000_000
"""Bytes of long states that are read together. A longer one is read a piece at a time."""


def as_datetime(microseconds: int) -> datetime:
    """The time of a `recorded_at`."""
    return EPOCH + timedelta(microseconds=microseconds)


def as_microseconds(moment: datetime) -> int:
    """The `recorded_at` of an aware time."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def as_bytes(stored: Any) -> bytes:
    """A stored hash. Text, which SQLite accepts in its place, becomes one that never matches."""
    return stored.encode() if isinstance(stored, str) else bytes(stored)


class Log:
    """The event log on one of Django's connections. Cheap to make; holds no state of its own."""

    def __init__(self, using: str = "default", codec: Codec = CODEC) -> None:
        self.using = using
        self.codec = codec

    @property
    def connection(self) -> Any:
        return connections[self.using]

    @cached_property
    def dialect(self) -> LogDialect:
        return log_dialect(self.connection)

    def head(self) -> LogHead:
        """The end of the log. Position 0 and `GENESIS` if it is empty."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT position, hash, recorded_at FROM event_store_head")
            row = cursor.fetchone()
        return LogHead(row[0], as_bytes(row[1]), row[2]) if row else LogHead(0, GENESIS, 0)

    def append(self, events: Sequence[NewEvent], *, savepoint: bool = True) -> LogHead:
        """Append all of these events, or none; returns the new end of the log.

        Joins the caller's transaction if there is one. Locks the head, so appends run one
        after the other, and positions are gapless and in commit order. Raises
        `StreamConflict` when a stream version is taken, `ClockAhead` when this machine's clock
        would move the log's time too far ahead of the database server's, and `LogLostEvents` when
        the head file names an event that the log lost. Without a `savepoint` the caller must roll
        back its transaction after an error. On SQLite this halves the time for thousands of
        events, since a savepoint copies every page that a row touches.
        """
        if not events:
            return self.head()
        try:
            return self.append_sealed(_sealed(events), savepoint=savepoint)
        except StreamConflict as error:
            raise self._conflict(events) from error.__cause__

    def append_sealed(self, events: Sequence[SealedEvent], *, savepoint: bool = True) -> LogHead:
        """The same for events whose payloads another process may have sealed.

        Its `StreamConflict` does not say which stream.
        """
        if not events:
            return self.head()
        try:
            with transaction.atomic(using=self.using, savepoint=savepoint):
                return self._append(events)
        except IntegrityError as error:
            raise StreamConflict from error

    def records(
        self, after: int = 0, upto: int | None = None, chunk: int = CHUNK
    ) -> Iterator[list[LogRecord]]:
        """Stored events after a position, in order, `chunk` at a time; each a query of its own."""
        while True:
            rows = self.dialect.read(self.connection, after, upto, chunk)
            if not rows:
                return
            yield rows
            after = rows[-1].position

    def events(
        self,
        after: int = 0,
        upto: int | None = None,
        chunk: int = CHUNK,
        with_metadata: bool = False,
    ) -> Iterator[list[Event]]:
        """The same, decoded. Metadata and `recorded_at` are filled in if `with_metadata`."""
        if with_metadata:
            for records in self.records(after, upto, chunk):
                yield [self.decode(record) for record in records]
            return
        while rows := self.dialect.read_payloads(self.connection, after, upto, chunk):
            yield self.decode_all(rows)
            after = rows[-1][0]

    def checked_events(self, after: int, upto: int, chunk: int = CHUNK) -> Iterator[list[Event]]:
        """The same up to a position that exists, each event checked against the hash chain.

        Raises `BrokenChain` at the first that does not fit. Chunks before it were yielded.
        """
        start = self.hash_at(after)
        if start is None:
            raise BrokenChain(after)
        walk = ChainVerifier(after, start)
        for records in self.records(after, upto, chunk):
            if walk.follow_all(records):
                raise BrokenChain(walk.position + 1)
            if len(records) < chunk and walk.position < upto:
                break
            yield self.decode_all(records)
        if walk.position < upto:
            raise BrokenChain(walk.position + 1)

    def events_of(self, streams: Sequence[UUID], upto: int) -> list[Event]:
        """All events of these streams up to a position, in order; without their metadata."""
        return self.decode_all(self.dialect.read_payloads_of(self.connection, streams, upto))

    def stream(self, stream_id: UUID) -> list[Event]:
        """All events of one stream, oldest first, with their metadata."""
        rows = self.dialect.read_stream(self.connection, stream_id)
        return [self.decode(row) for row in rows]

    def brief_stream(self, stream_id: UUID, longest: int) -> Iterator[Event]:
        """The same events with every text cut to `longest` bytes: see `shorten_texts`.

        However long the events are, only so much of them is in memory at a time: `AT_ONCE`.
        """
        rows = self.dialect.read_stream_upto(self.connection, stream_id, longest)
        yield from self._brief(rows, longest)

    def brief_streams(self, streams: Sequence[UUID], upto: int, longest: int) -> Iterator[Event]:
        """The same of several streams up to a position, in order of position."""
        rows = self.dialect.read_streams_upto(self.connection, streams, upto, longest)
        yield from self._brief(rows, longest)

    def brief_events(self, after: int, longest: int, chunk: int = CHUNK // 10) -> Iterator[Event]:
        """All events after a position in order, with their metadata, cut in the same way."""
        while rows := self.dialect.read_upto(self.connection, after, chunk, longest):
            yield from self._brief(rows, longest)
            after = rows[-1].position

    def _brief(self, rows: Sequence[LogRecord], longest: int) -> Iterator[Event]:
        # None stands for a long state. A blanked one is empty, and has nothing to be cut.
        states = self.brief_states([row.position for row in rows if row.state is None], longest)
        for row in rows:
            if row.state is None:
                row = row._replace(state=states[row.position])
            yield self.decode(row)

    def brief_states(self, positions: Collection[int], longest: int) -> dict[int, bytes]:
        """The stored states of these events, every text cut to `longest` bytes; by position."""
        found: dict[int, bytes] = asked_once(("states of events", self.using, longest), dict)
        left = sorted(one for one in positions if one not in found)
        while left:
            states = self.dialect.read_states(self.connection, left, AT_ONCE)
            found |= {one: shorten_texts([state], longest) for one, state in states.items()}
            if not states:
                found[left[0]] = shorten_texts(self.state_pieces(left[0]), longest)
            left = [one for one in left if one not in found]
        return {one: found[one] for one in positions}

    def state_pieces(self, position: int) -> Iterator[bytes]:
        """The stored state of one event, a piece at a time."""
        start = 1
        while True:
            piece = self.dialect.read_piece(self.connection, position, start, PIECE)
            if piece:
                yield piece
            if len(piece) < PIECE:
                return
            start += PIECE

    def decode(self, record: LogRecord) -> Event:
        """The event of a record, with its whole envelope."""
        event = self.codec.decode(record.topic, record.schema_version, record.state)
        version = column_number(record.topic, record.stream_version)
        with_envelope(event, record.stream_id, version, record.position)
        force_setattr(event, "metadata", self.codec.decode_metadata(record.metadata))
        force_setattr(
            event, "recorded_at", as_datetime(column_number(record.topic, record.recorded_at))
        )
        return event

    def hash_at(self, position: int) -> bytes | None:
        """The chain's hash at a position; `GENESIS` at 0, None beyond the end."""
        if position == 0:
            return GENESIS
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT hash FROM event_store_event WHERE position = %s", [position])
            row = cursor.fetchone()
        return as_bytes(row[0]) if row else None

    def position_at(self, recorded_at: int) -> int:
        """The last position recorded at or before this time, in microseconds; 0 if none.

        The present or a future time means the end of the log, even if the log's own time is ahead
        of the clock.
        """
        (position,) = self.positions_at(recorded_at)
        return position

    def positions_at(self, *recorded_at: int) -> tuple[int, ...]:
        """What `position_at` says of each of these times, in one statement."""
        one = sql("any", "position_at").format(clock=self.dialect.clock)
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {', '.join(f'({one})' for _ in recorded_at)}",
                [time for time in recorded_at for _ in range(3)],
            )
            return tuple(int(position or 0) for position in cursor.fetchone())

    def appended(self, before: LogHead, rows: Sequence[StoredRow]) -> None:
        """Called after each append: for subclasses that keep what was appended."""

    def _append(self, events: Sequence[SealedEvent]) -> LogHead:
        head, clock = self._lock_head()
        if events[0][2] != LogAccepted.TOPIC:
            refuse_lost_end(self)
        recorded_at = max(time.time_ns() // 1000, head.recorded_at)
        if recorded_at > head.recorded_at:
            self._refuse_leap(recorded_at, clock)
        records = _linked(events, head, recorded_at)
        self.dialect.insert(self.connection, records)
        last = LogHead(records[-1][0], records[-1][-1], recorded_at)
        self.dialect.move_head(self.connection, last)
        self.appended(head, records)
        return last

    def lock(self) -> LogHead:
        """Block other appends until the transaction ends. Returns the end of the log."""
        return self._lock_head()[0]

    def clock(self) -> int:
        """The database server's clock, in microseconds since 1970."""
        with self.connection.cursor() as cursor:
            cursor.execute(self.dialect.clock)
            return int(cursor.fetchone()[0])

    def _refuse_leap(self, recorded_at: int, clock: int) -> None:
        """Refuse to move the log's time far ahead: it could never go back."""
        limit = int(settings.LOG_MAX_AHEAD_SECONDS * 1_000_000)
        # The clock was read before waiting for the lock, so it may be out of date.
        if recorded_at > clock + limit and recorded_at > (clock := self.clock()) + limit:
            raise ClockAhead((recorded_at - clock) / 1_000_000, settings.LOG_MAX_AHEAD_SECONDS)

    def _lock_head(self) -> tuple[LogHead, int]:
        """The head, locked, and the database server's clock."""
        rows = self.dialect.fetch(self.connection, self.dialect.lock_head)
        if not rows:
            with self.connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO event_store_head (id, position, hash, recorded_at) "
                    "VALUES (1, 0, %s, 0) ON CONFLICT DO NOTHING",
                    [GENESIS],
                )
            rows = self.dialect.fetch(self.connection, self.dialect.lock_head)
        position, hash_, recorded_at, clock = rows[0]
        return LogHead(position, as_bytes(hash_), recorded_at), clock

    def _conflict(self, events: Sequence[NewEvent]) -> StreamConflict:
        if self.connection.in_atomic_block or len(events) > 100:
            return StreamConflict()
        seen: set[tuple[UUID, int]] = set()
        for event in events:
            key = (event.stream_id, event.stream_version)
            taken = self.dialect.has_version(self.connection, *key)
            if key in seen or taken:
                return StreamConflict(*key)
            seen.add(key)
        return StreamConflict()

    def decode_all(self, rows: Sequence[Any]) -> list[Event]:
        """The events of payloads or records (same first columns), without their metadata."""
        decode = self.codec.decode
        return [
            with_envelope(decode(row[3], row[4], row[5]), row[1], row[2], row[0]) for row in rows
        ]


def _sealed(events: Sequence[NewEvent]) -> list[SealedEvent]:
    return [
        (event.stream_id.bytes, *event[1:], salt, seal(salt, event.state, event.metadata))
        for event, salt in zip(events, salts(len(events)), strict=True)
    ]


def _linked(events: Sequence[SealedEvent], head: LogHead, recorded_at: int) -> list[StoredRow]:
    """The rows of these events, numbered and chained to the head."""
    position, previous = head.position, head.hash
    topics: dict[str, bytes] = {}
    rows: list[StoredRow] = []
    for stream_id, version, topic, schema_version, state, metadata, salt, sealed in events:
        position += 1
        topic_bytes = topics.get(topic) or topics.setdefault(topic, topic.encode())
        previous = link(
            previous,
            position,
            stream_id,
            version,
            topic_bytes,
            schema_version,
            recorded_at,
            sealed,
        )
        rows.append(
            (
                position,
                stream_id,
                version,
                topic,
                schema_version,
                state,
                metadata,
                recorded_at,
                salt,
                previous,
            )
        )
    return rows
