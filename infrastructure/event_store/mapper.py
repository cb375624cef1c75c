"""The `eventsourcing` library's `Mapper`, based on our codec."""

from typing import Any
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from msgspec.structs import force_setattr

from domain.events import Event
from infrastructure.event_store.codec import CODEC, Codec, column_number, with_envelope
from infrastructure.event_store.recorder import StoredLogEvent


class EventMapper(Mapper[UUID]):
    """Maps our events to stored ones and back, with their metadata."""

    def __init__(self, codec: Codec = CODEC) -> None:
        super().__init__(JSONTranscoder())
        self.codec = codec

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        assert isinstance(domain_event, Event)
        new = self.codec.new_event(domain_event)
        return StoredLogEvent(
            originator_id=new.stream_id,
            originator_version=new.stream_version,
            topic=new.topic,
            state=new.state,
            schema_version=new.schema_version,
            metadata=new.metadata,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        assert isinstance(stored_event, StoredLogEvent)
        assert isinstance(stored_event.originator_id, UUID)
        event = self.codec.decode(
            stored_event.topic, stored_event.schema_version, stored_event.state
        )
        with_envelope(
            event,
            stored_event.originator_id,
            column_number(stored_event.topic, stored_event.originator_version),
            stored_event.position,
        )
        metadata = self.codec.decode_metadata(stored_event.metadata)
        force_setattr(event, "metadata", metadata)
        return event
