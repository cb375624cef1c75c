"""One event of the log: in words, as it is stored, with its proof, its causes and its effects."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.console.audit.raw import RawEvent, event_and_previous_hash, raw_event
from api.console.audit.telling import ToldEvent, told_events
from api.v1.audit.filters import says
from api.v1.audit.finding import EventSearch
from api.v1.audit.serializers import event_heads, event_id
from api.v1.audit.telling import causes_of
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event

EFFECTS = 10
"""Effects that are shown: the first. The list of events has all of them."""


@dataclass(frozen=True)
class OneEvent:
    """What a page shows of an event."""

    told: ToldEvent
    raw: RawEvent
    event_id: str
    causes: list[ToldEvent]
    """What led to it, from the first event on."""
    effects: list[ToldEvent]
    """What it led to, without what that led to."""
    more_effects: bool
    last: int
    """The last position of the log."""


def read_event(position: int) -> OneEvent | None:
    """The event at this position, for an auditor; None if there is none."""
    found = event_and_previous_hash(position)
    if found is None:
        return None
    row, previous = found
    causes = causes_of(row)
    effects = EventSearch(Event).fitting(says("causation", event_id(row))).positions(EFFECTS + 1)
    around = [*causes, *effects[:EFFECTS]]
    rows = [row, *event_heads().filter(position__in=around).order_by("position")]
    told = {one.position: one for one in told_events(rows)}
    return OneEvent(
        told=told[position],
        raw=raw_event(row, previous),
        event_id=event_id(row),
        causes=[told[one] for one in causes],
        effects=[told[one] for one in effects[:EFFECTS]],
        more_effects=len(effects) > EFFECTS,
        last=Log().head().position,
    )


def read_event_of(kind: str, stream: UUID, position: int) -> OneEvent | None:
    """The event of this restore or backup (`kind`) alone; None if it has none there."""
    found = event_and_previous_hash(position)
    if found is None or not _is_of(found[0], kind, stream):
        return None
    row, previous = found
    (told,) = told_events([row])
    return OneEvent(told, raw_event(row, previous), event_id(row), [], [], False, 0)


def _is_of(row: Any, kind: str, stream: UUID) -> bool:
    """Whether readers may see it: streams of accounts have UUIDs too."""
    return bool(row.stream_id == stream and row.topic.startswith(f"{kind}."))
