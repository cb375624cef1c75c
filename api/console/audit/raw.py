"""One event as it is stored, with what its place in the chain can be checked from."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from api.v1.audit.serializers import event_heads
from infrastructure.event_store.chain import GENESIS
from infrastructure.event_store.log import as_datetime
from infrastructure.printable import printable

LAST = 2**63 - 1
"""The last position that the log could have."""
METADATA = 4_000
"""Bytes of the metadata that are shown."""


@dataclass(frozen=True)
class RawEvent:
    """An event's envelope, its payloads as text, and its proof, in hexadecimal digits."""

    position: int
    recorded_at: datetime
    topic: str
    schema_version: int
    stream_id: UUID
    stream_version: int
    state: str
    metadata: str
    cut: bool
    """Whether there is more of its state."""
    previous: str
    salt: str
    hash: str


def event_and_previous_hash(position: int) -> tuple[Any, bytes] | None:
    """The event of `event_heads` at this position, with its salt, and the hash before it.

    None if there is no such event.
    """
    if position > LAST:
        return None
    rows = event_heads().defer(None).defer("state", "metadata")
    found = {one.position: one for one in rows.filter(position__in=(position - 1, position))}
    event, before = found.get(position), found.get(position - 1)
    if event is None:
        return None
    return event, GENESIS if before is None else bytes(before.hash)


def raw_event(row: Any, previous: bytes) -> RawEvent:
    """This event as it is stored, after this hash."""
    return RawEvent(
        position=row.position,
        recorded_at=as_datetime(row.recorded_at),
        topic=row.topic,
        schema_version=row.schema_version,
        stream_id=row.stream_id,
        stream_version=row.stream_version,
        state=_text(bytes(row.state_head), row.state_size),
        metadata=_text(bytes(row.metadata_head)[:METADATA], row.metadata_size),
        cut=row.state_size > len(row.state_head),
        previous=previous.hex(),
        salt=bytes(row.salt).hex(),
        hash=bytes(row.hash).hex(),
    )


def _text(shown: bytes, size: int) -> str:
    """JSON, a member a line; what is cut or blanked is shown as it is."""
    if not size:
        return "(blanked)"
    if len(shown) == size:
        shown = msgspec.json.format(shown, indent=2)
    return printable(shown.decode(errors="replace"), keep="\n")
