"""The library's application: its own recorder and tables, our events as their state.

The mapper is over our codec, which decodes some ten times faster than the library's transcoder:
in the baseline's favour, and it makes the events, and so the rows, the same on both sides.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, Notification, StoredEvent

from domain.events import Event
from infrastructure.event_store.codec import CODEC, with_envelope

CHUNK = 500


class LibraryMapper(Mapper[UUID]):
    """Our events as the library stores events: topic and state."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        assert isinstance(domain_event, Event)
        topic, _, state, _ = CODEC.encode(domain_event)
        return StoredEvent(
            domain_event.originator_id, domain_event.originator_version, topic, state
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        event = CODEC.decode(stored_event.topic, 1, stored_event.state)
        position = stored_event.id if isinstance(stored_event, Notification) else 0
        assert isinstance(stored_event.originator_id, UUID)
        return with_envelope(
            event, stored_event.originator_id, stored_event.originator_version, position
        )


class LibraryLog(Application[UUID]):
    """A stock application but for its mapper."""

    def construct_mapper(self) -> Mapper[UUID]:
        return LibraryMapper(self.construct_transcoder())


def environment(url: str) -> dict[str, str]:
    """The library's settings for the database at a URL."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": unquote(parts.path[1:]),
        }
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts.path[1:],
        "POSTGRES_HOST": parts.hostname or "",
        "POSTGRES_PORT": str(parts.port or 5432),
        "POSTGRES_USER": unquote(parts.username or ""),
        "POSTGRES_PASSWORD": unquote(parts.password or ""),
    }


def fill(url: str, events: Iterable[Event]) -> None:
    """Store the events by the library's own event store."""
    left = iter(events)
    with LibraryLog(environment(url)) as app:
        while chunk := list(islice(left, CHUNK)):
            app.events.put(chunk)
