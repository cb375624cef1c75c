"""One event of a restore as it is stored, with what its place in the chain can be checked from."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from infrastructure.event_store.chain import GENESIS
from infrastructure.event_store.log import as_datetime
from infrastructure.event_store.models import Event
from infrastructure.printable import printable

SHOWN = 20_000
"""Bytes of a payload that are shown."""


@dataclass(frozen=True)
class RawEvent:
    """An event's envelope, its payloads as text, and its proof, in hexadecimal digits."""

    position: int
    recorded_at: Any
    topic: str
    schema_version: int
    stream_id: UUID
    stream_version: int
    state: str
    metadata: str
    cut: bool
    """Whether there is more of a payload."""
    previous: str
    salt: str
    hash: str


def raw_event(stream: UUID, position: int) -> RawEvent | None:
    """The event of this stream at this position; None if there is none."""
    found = {
        one.position: one
        for one in Event.objects.filter(position__in=(position - 1, position)).defer("state")
    }
    event = found.get(position)
    if event is None or event.stream_id != stream:
        return None
    before = found.get(position - 1)
    state = bytes(event.state)
    return RawEvent(
        position=position,
        recorded_at=as_datetime(event.recorded_at),
        topic=event.topic,
        schema_version=event.schema_version,
        stream_id=event.stream_id,
        stream_version=event.stream_version,
        state=_text(state),
        metadata=_text(bytes(event.metadata)),
        cut=len(state) > SHOWN,
        previous=(GENESIS if before is None else bytes(before.hash)).hex(),
        salt=bytes(event.salt).hex(),
        hash=bytes(event.hash).hex(),
    )


def _text(stored: bytes) -> str:
    """JSON, a member a line; what is cut or blanked is shown as it is."""
    if not stored:
        return "(blanked)"
    shown = stored[:SHOWN]
    if len(stored) <= SHOWN:
        shown = msgspec.json.format(stored, indent=2)
    return printable(shown.decode(errors="replace"), keep="\n")
