"""The base class of all events: a fixed topic, a schema version, and an envelope."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID, uuid5

import msgspec

from domain.errors import DomainError
from domain.text import is_shown

Actor = str
"""Who did it: a login name, or `import` for the contents of a host's rows."""


class ActorUnreadable(DomainError):
    """The name is invisible, or could be mistaken for something else in the history."""

    code = "actor_unreadable"

    def __init__(self, actor: Actor) -> None:
        super().__init__(
            f"The actor {actor!a} cannot be recorded: a name needs at least one visible character, "
            "and must not contain line breaks or other control characters. Use another name."
        )


def refuse_unreadable(actor: Actor) -> None:
    """Raise `ActorUnreadable` for a name that the history could not show as it is."""
    if not actor.strip() or not all(map(is_shown, actor)):
        raise ActorUnreadable(actor)


class Metadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who recorded an event, why, and what it belongs to. Stored beside the state, never in it.

    Events of one `correlation` were recorded by one operation. `causation` is the `event_id` of
    the event that led to this one.
    """

    actor: Actor
    correlation: UUID | None = None
    causation: UUID | None = None
    reason: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened.

    The fields declared here are the envelope. They all have defaults and are left out of the
    stored state; the event store fills them in when it reads. The fields that subclasses declare
    are the state: they have no defaults, so every one of them is always stored.

    `position` is the event's position in the log, 0 until it is stored. `recorded_at` is when it
    was appended to the log; times in the state are those of the real world.
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
        """How other events refer to this one: the UUIDv5 of its stream and its version."""
        return uuid5(self.originator_id, str(self.originator_version))


ENVELOPE = frozenset(msgspec.structs.fields(Event)[i].name for i in range(5))
