"""Reading an aggregate's events from the log, and appending them to it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from django import db
from eventsourcing.persistence import EventStore, IntegrityError, PersistenceError
from msgspec.structs import force_setattr

from domain.aggregate import Aggregate
from domain.events import Event
from infrastructure.event_store.errors import StreamConflict
from infrastructure.event_store.log import Log
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.recorder import LogRecorder
from infrastructure.event_store.transaction_log import TransactionLog

_MAPPER = EventMapper()


def load_events(log: Log, stream_id: UUID) -> list[Event]:
    """All events of an aggregate, oldest first; empty if it is not in the log."""
    with _databases_own_errors():
        return list(cast("Iterable[Event]", _store(log).get(stream_id)))


def save(log: Log, aggregate: Aggregate) -> list[Event]:
    """Append the aggregate's new events, which get their positions; joins the transaction.

    Raises `StreamConflict` if another process appended to it first.
    """
    events = aggregate.collect_events()
    try:
        with _databases_own_errors():
            recordings = _store(log).put(events)
    except IntegrityError as error:
        raise StreamConflict(aggregate.id, aggregate.version) from error
    for event, recording in zip(events, recordings, strict=True):
        force_setattr(event, "position", recording.notification.id)
    if isinstance(log, TransactionLog):
        log.saved[aggregate.id] = aggregate
    return events


def utc_now() -> datetime:
    """The current time, for times that a caller leaves out."""
    return datetime.now(UTC)


def _store(log: Log) -> EventStore[UUID]:
    return EventStore(_MAPPER, LogRecorder(log))


@contextmanager
def _databases_own_errors() -> Iterator[None]:
    """Raise Django's database errors in place of the library's."""
    try:
        yield
    except PersistenceError as error:
        if isinstance(error, IntegrityError) or not isinstance(error.__cause__, db.Error):
            raise
        raise error.__cause__ from error.__cause__.__cause__
