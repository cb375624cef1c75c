"""The log as an `eventsourcing` recorder, on Django's connection."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import db
from eventsourcing import persistence
from eventsourcing.persistence import ApplicationRecorder, Notification, StoredEvent, Subscription

from infrastructure.event_store.errors import StreamConflict
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import LogRecord, NewEvent
from infrastructure.event_store.sql import sql

POLL_SECONDS = 0.05
PAGE = 500
_BIGGEST = 2**63 - 1


@dataclass(frozen=True, eq=False)
class StoredLogEvent(StoredEvent):
    """A stored event that also carries its position, schema version and metadata.

    Equal to any stored event with the same stream, version, topic and state.
    """

    schema_version: int = 1
    metadata: bytes = b"{}"
    position: int = 0

    def _key(self, event: StoredEvent) -> tuple[Any, ...]:
        return (event.originator_id, event.originator_version, event.topic, event.state)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredEvent) and self._key(self) == self._key(other)

    def __hash__(self) -> int:
        return hash(self._key(self))


@contextmanager
def _library_errors() -> Iterator[None]:
    """Raise the library's errors in place of Django's and ours."""
    try:
        yield
    except (StreamConflict, db.IntegrityError) as error:
        raise persistence.IntegrityError(str(error)) from error
    except db.OperationalError as error:
        raise persistence.OperationalError(str(error)) from error
    except db.InterfaceError as error:
        raise persistence.InterfaceError(str(error)) from error
    except db.DatabaseError as error:
        raise persistence.DatabaseError(str(error)) from error


class LogRecorder(ApplicationRecorder):
    """Records into the log and selects from it. To the recorder, state is opaque bytes."""

    def __init__(self, log: Log | None = None) -> None:
        self.log = log or Log()

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Append all of them or none; returns their positions."""
        new = [
            NewEvent(
                _as_uuid(event.originator_id),
                event.originator_version,
                event.topic,
                getattr(event, "schema_version", 1),
                event.state,
                getattr(event, "metadata", b"{}"),
            )
            for event in stored_events
        ]
        with _library_errors():
            last = self.log.append(new).position
        return list(range(last - len(new) + 1, last + 1))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """The stream's events with `gt` < version <= `lte`, at most `limit` of them."""
        with _library_errors():
            rows = self.log.dialect.read_stream(self.log.connection, _as_uuid(originator_id))
        events = [
            _stored(row)
            for row in rows
            if (gt is None or row.stream_version > gt)
            and (lte is None or row.stream_version <= lte)
        ]
        if desc:
            events.reverse()
        return events[:limit]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Up to `limit` events from position `start` on, with one of these topics if given."""
        after = 0 if start is None else start - 1 if inclusive_of_start else start
        with _library_errors(), self.log.connection.cursor() as cursor:
            if topics:
                topic_marks = ", ".join(["%s"] * len(topics))
                statement = sql("any", "notifications_of_topics").replace(
                    "(%s)", f"({topic_marks})"
                )
            else:
                statement = sql("any", "notifications")
            cursor.execute(statement, [after, stop or _BIGGEST, *topics, limit])
            return [
                Notification(_as_uuid(row[1]), row[2], row[3], bytes(row[4]), row[0])
                for row in cursor.fetchall()
            ]

    def max_notification_id(self) -> int | None:
        with _library_errors():
            return self.log.head().position or None

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        return PollingSubscription(self, gt, topics)


class PollingSubscription(Subscription[ApplicationRecorder]):
    """Follows the log by polling, which works on both databases."""

    def __init__(
        self, recorder: LogRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder, gt, topics)
        self._waiting: deque[Notification] = deque()

    def __next__(self) -> Notification:
        while not self._has_been_stopped and not self._waiting:
            self._waiting.extend(
                self._recorder.select_notifications(
                    self._last_notification_id or 0,
                    PAGE,
                    topics=self._topics,
                    inclusive_of_start=False,
                )
            )
            if not self._waiting:
                time.sleep(POLL_SECONDS)
        if self._has_been_stopped:
            raise StopIteration
        notification = self._waiting.popleft()
        self._last_notification_id = notification.id
        return notification


def _as_uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _stored(record: LogRecord) -> StoredLogEvent:
    return StoredLogEvent(
        originator_id=record.stream_id,
        originator_version=record.stream_version,
        topic=record.topic,
        state=record.state,
        schema_version=record.schema_version,
        metadata=record.metadata,
        position=record.position,
    )
