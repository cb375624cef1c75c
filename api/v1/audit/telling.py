"""What events say in words, what they changed, and what led to what."""

from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from msgspec.structs import force_setattr

from api.v1.audit.asked import Asked
from api.v1.audit.filters import says
from api.v1.audit.finding import Condition, EventSearch
from api.v1.audit.proofs import proofs
from api.v1.audit.serializers import event_heads, event_id, event_metadata
from domain.backups.events import BackupEvent
from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.events import Event as DomainEvent
from domain.restores.events import RestoreEvent
from infrastructure.event_store.codec import with_envelope
from infrastructure.event_store.log import Log, as_datetime
from infrastructure.event_store.models import Event
from projections.history.change_history import Change, changes_of
from projections.history.event_words import event_in_words
from projections.history.stream_names import names_of

MOST = 100
"""How many effects of an event are shown as a tree; `?causation=` has all of them."""
CHANGE_SHOWN = 2_000
"""How many bytes of a text are shown in changes; a longer one is cut, with its length."""


def told_of(rows: Collection[Any], asked: Asked) -> dict[str, dict[int, Any]]:
    """What was asked for, by member of an answer and by position."""
    found: dict[str, dict[int, Any]] = {}
    if asked.words:
        found["what"] = words_of(rows)
    if asked.changes:
        found["changes"] = changes_by(rows)
    if asked.proof:
        found["proof"] = proofs(rows)
    return found


def words_of(rows: Collection[Any]) -> dict[int, str]:
    """What each of these events of `event_heads` says, by position; without blanked ones."""
    return said_by(decoded_events(rows))


def decoded_events(rows: Collection[Any]) -> dict[int, DomainEvent]:
    """The events, by position; without blanked ones."""
    kept = [row for row in rows if row.state_size]
    return {row.position: event for row, event in zip(kept, decoded(kept), strict=True)}


def said_by(events: Mapping[int, DomainEvent]) -> dict[int, str]:
    """The same as `words_of`, of events that are decoded already."""
    named = [one for one in events.values() if isinstance(one, RestoreEvent | BackupEvent)]
    names = names_of([one.originator_id for one in named])
    return {
        position: event_in_words(one, names.get(one.originator_id, ""))
        for position, one in events.items()
    }


def decoded(rows: Collection[Any]) -> list[DomainEvent]:
    """These events of `event_heads`; long texts are cut."""
    log = Log()
    long = [row.position for row in rows if len(row.state_head) < row.state_size]
    states = log.brief_states(long, CHANGE_SHOWN)
    return [_decoded(log, row, states.get(row.position)) for row in rows]


def _decoded(log: Log, row: Any, long: bytes | None) -> DomainEvent:
    state = bytes(row.state_head) if long is None else long
    event = log.codec.decode(row.topic, row.schema_version, state)
    with_envelope(event, row.stream_id, row.stream_version, row.position)
    force_setattr(event, "recorded_at", as_datetime(row.recorded_at))
    said = bytes(row.metadata_head)
    if said and len(said) == row.metadata_size:
        force_setattr(event, "metadata", log.codec.decode_metadata(said))
    return event


def changes_by(rows: Collection[Any]) -> dict[int, list[Change]]:
    """What each of these events changed in each table, by position.

    The streams that they belong to are folded from their beginning: one query for all.
    """
    found: dict[int, list[Change]] = {row.position: [] for row in rows}
    streams = {row.stream_id for row in rows if row.topic.startswith(("restore.", "backup."))}
    if not streams:
        return found
    by_stream: dict[UUID, list[DomainEvent]] = {}
    for event in Log().brief_streams(list(streams), max(found), CHANGE_SHOWN):
        if isinstance(event, RestoreEvent | BackupEvent):
            by_stream.setdefault(event.originator_id, []).append(event)
    for events in by_stream.values():
        for step in changes_of(events):
            if step.event.position in found:
                found[step.event.position] = step.changes
    return found


def causes_of(event: Any) -> list[int]:
    """The positions of the events that led to this one, from the first one on.

    What leads to something is a choice or a verification, so it stands in the consolidation's own
    stream.
    """
    found: list[int] = []
    wanted = event_metadata(event).get("causation")
    if wanted is None:
        return found
    rows = event_heads().filter(stream_id=CONSOLIDATION_ID, position__lt=event.position)
    by_id = {event_id(row): row for row in rows}
    while wanted in by_id:
        cause = by_id.pop(wanted)
        found.insert(0, cause.position)
        wanted = event_metadata(cause).get("causation")
    return found


def effects_of(event: Any) -> list[Any]:
    """The events that this one led to, and those that they led to, in order; at most `MOST`.

    One search for each level of the tree.
    """
    found: list[Any] = []
    level = [event_id(event)]
    while level and len(found) < MOST:
        by = [says("causation", one) for one in level]
        together = Condition(
            tuple(alternative for one in by for alternative in one.indexed),
            reduce(or_, (one.plain for one in by)),
            lambda event, by=by: any(one.fits(event) for one in by),
        )
        positions = EventSearch(Event).fitting(together).positions(MOST - len(found))
        rows = list(event_heads().filter(position__in=positions).order_by("position"))
        found += rows
        level = [event_id(row) for row in rows]
    return found
