"""What every event has in common: a pinned topic, a schema version, and an envelope."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid5

import msgspec

from domain.errors import DomainError
from domain.text import is_shown

Actor = str
"""Who did it: a login name, or `import` for what a host's rows say."""


class ActorUnreadable(DomainError):
    """A name in the trail that would pass for something else, or be seen as nothing."""

    code = "actor_unreadable"

    def __init__(self, actor: Actor) -> None:
        super().__init__(
            f"The actor {actor!a} cannot be recorded: a name has at least one character that "
            "can be seen, no line break and no other control character. Name another one."
        )


def refuse_unreadable(actor: Actor) -> None:
    """Raise `ActorUnreadable` for a name that the trail could not show as it is."""
    if not actor.strip() or not all(map(is_shown, actor)):
        raise ActorUnreadable(actor)


class Metadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who recorded an event, why, and what it belongs to. Stored beside the state, never in it.

    Events of one `correlation` were recorded by one piece of work. `causation` is the `event_id`
    of the event that led to this one.
    """

    actor: Actor
    correlation: UUID | None = None
    causation: UUID | None = None
    reason: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened.

    The fields declared here are the envelope. They all have defaults and are left out of the
    stored state; the event store fills them in when it reads. What subclasses declare is the
    state: those fields have no defaults, so every one of them is always stored.

    `position` is the event's place in the log, 0 until it is stored. `recorded_at` is when the
    log learned of it; times in the state are the world's.
    """

    TOPIC: ClassVar[str]
    SCHEMA_VERSION: ClassVar[int] = 1

    originator_id: UUID = UUID(int=0)
    originator_version: int = 0
    position: int = 0
    recorded_at: datetime | None = None
    metadata: Metadata = Metadata(actor="")

    @property
    def event_id(self) -> UUID:
        """What another event calls this one: the UUIDv5 of its stream and its place in that."""
        return uuid5(self.originator_id, str(self.originator_version))


ENVELOPE = frozenset(msgspec.structs.fields(Event)[i].name for i in range(5))
