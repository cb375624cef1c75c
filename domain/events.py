"""The base class of all events: a fixed topic, a schema version, and an envelope."""

from datetime import datetime
from typing import ClassVar, TypedDict
from uuid import UUID, uuid5

import msgspec

from domain.errors import DomainError
from domain.text import is_shown

Actor = str
"""Who did it: a login name, or `import` for the contents of a host's rows."""


class ActsFor(Actor):
    """The operating system's user at the shell, who names a person to act for."""

    on_behalf_of: Actor

    def __new__(cls, user: Actor, on_behalf_of: Actor) -> "ActsFor":
        made = super().__new__(cls, user)
        made.on_behalf_of = on_behalf_of
        return made

    def __getnewargs__(self) -> tuple[Actor, Actor]:  # type: ignore[override]
        return str(self), self.on_behalf_of


def on_behalf_of(actor: Actor) -> Actor | None:
    """The person whom this actor acts for; None if it acts for itself."""
    return actor.on_behalf_of if isinstance(actor, ActsFor) else None


def both_names(actor: Actor) -> str:
    """`root as ada`, or the actor's name alone."""
    person = on_behalf_of(actor)
    return str(actor) if person is None else f"{actor} as {person}"


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
        raise ActorUnreadable(str(actor))
    if isinstance(actor, ActsFor):
        refuse_unreadable(actor.on_behalf_of)


class Metadata(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who recorded an event, why, and what it belongs to. Stored beside the state, never in it.

    Events of one `correlation` were recorded by one operation. `causation` is the `event_id` of
    the event that led to this one. `actor` is the login; `on_behalf_of` is the person for whom a
    program recorded the event, by that program's word. `request_id` is the identifier that the
    request carried.

    `sequence` is the number that the recording program gave to its command, among its commands on
    this restore or backup; `command_digest` is the SHA-256 of that command. Together they tell a
    repetition from another command.
    """

    actor: Actor
    correlation: UUID | None = None
    causation: UUID | None = None
    reason: str | None = None
    on_behalf_of: Actor | None = None
    request_id: str | None = None
    sequence: int | None = None
    command_digest: str | None = None


class About(TypedDict, total=False):
    """What may be recorded of a command besides its actor: see `Metadata`."""

    correlation: UUID | None
    causation: UUID | None
    reason: str | None
    on_behalf_of: Actor | None
    request_id: str | None
    sequence: int | None
    command_digest: str | None


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
