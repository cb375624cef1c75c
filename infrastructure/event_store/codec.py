"""The codec from events to stored bytes and back, for the library's `Mapper` and fast replay.

State and metadata are JSON. The decoder is chosen by topic and schema version: the current
version decodes straight into the event's class, an older one passes its upcasters first.
"""

from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec.structs import force_setattr, replace

from domain.catalogue import CATALOGUE, Catalogue
from domain.events import Event, Metadata
from infrastructure.event_store.errors import UnreadableEvent
from infrastructure.event_store.records import NewEvent

_NO_ENVELOPE: Final[dict[str, Any]] = {
    field.name: field.default for field in msgspec.structs.fields(Event)
}


class Codec:
    """Encodes and decodes the events of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._decoders: dict[tuple[str, int], Any] = {}
        self._encode = msgspec.json.Encoder().encode
        self._metadata = msgspec.json.Decoder(Metadata).decode

    def encode(self, event: Event) -> tuple[str, int, bytes, bytes]:
        """Topic, schema version, state and metadata, as the log stores them."""
        return (
            event.TOPIC,
            event.SCHEMA_VERSION,
            self._encode(replace(event, **_NO_ENVELOPE)),
            self._encode(event.metadata),
        )

    def new_event(self, event: Event) -> NewEvent:
        """The event in the form in which the log appends it."""
        return NewEvent(event.originator_id, event.originator_version, *self.encode(event))

    def decode(self, topic: str, schema_version: int, state: bytes) -> Event:
        """The event, its envelope still empty. Raises `UnknownTopic` or `UnreadableEvent`."""
        try:
            decode = self._decoders[topic, schema_version]
        except KeyError:
            decode = self._decoder(topic, schema_version)
        try:
            event: Event = decode(state)
        except msgspec.MsgspecError as error:
            raise UnreadableEvent(topic, str(error)) from error
        return event

    def decode_metadata(self, metadata: bytes) -> Metadata:
        try:
            return self._metadata(metadata)
        except msgspec.MsgspecError as error:
            raise UnreadableEvent("metadata", str(error)) from error

    def _decoder(self, topic: str, schema_version: int) -> Any:
        event_class = self.catalogue.event_class(topic, schema_version)
        decode: Any
        if schema_version == event_class.SCHEMA_VERSION:
            decode = msgspec.json.Decoder(event_class).decode
        else:

            def decode(state: bytes) -> Event:
                old = msgspec.json.decode(state)
                return msgspec.convert(
                    self.catalogue.upcast(topic, schema_version, old), event_class
                )

        self._decoders[topic, schema_version] = decode
        return decode


def column_number(topic: str, stored: int) -> int:
    """A number of an event's envelope, checked: SQLite accepts text in its column."""
    if not isinstance(stored, int):
        raise UnreadableEvent(topic, "a numeric column contains a value that is not a number")
    return stored


def with_envelope(event: Event, stream_id: UUID, stream_version: int, position: int) -> Event:
    """Fill in stream, version and position. Only for an event that was just decoded."""
    force_setattr(event, "originator_id", stream_id)
    force_setattr(event, "originator_version", stream_version)
    force_setattr(event, "position", position)
    return event


CODEC = Codec(CATALOGUE)
new_event = CODEC.new_event
