"""The base class of the aggregates, which check commands, record events and apply them."""

from typing import Any, ClassVar, Self, TypeVar
from uuid import UUID

from domain.events import About, Actor, Event, Metadata, on_behalf_of, refuse_unreadable

E = TypeVar("E", bound=Event)


class Aggregate:
    """A consistency boundary whose state is computed from its events.

    Implements the `eventsourcing` library's protocols: `id`, `version` and `collect_events()`.
    Commands are methods that check and then `record`; `when` changes the state.
    """

    INITIAL_VERSION: ClassVar[int] = 1

    def __init__(self, id: UUID) -> None:
        self.id = id
        self.version = 0
        self.events: list[Event] = []
        """All its events, oldest first. Those that are not stored yet have no position."""
        self._pending: list[Event] = []

    def record(
        self,
        event_class: type[E],
        *,
        actor: Actor,
        reason: str | None = None,
        causation: UUID | None = None,
        about: About | None = None,
        **state: Any,
    ) -> None:
        """Add an event of this class to the pending ones and apply it to the state.

        Raises `ActorUnreadable` for an actor, or a person on whose behalf it acts, whose name
        cannot be shown.
        """
        refuse_unreadable(actor)
        told: About = {"reason": reason, "causation": causation} if about is None else about
        person = told.get("on_behalf_of") or on_behalf_of(actor)
        if person is not None:
            refuse_unreadable(person)
            told = {**told, "on_behalf_of": person}
        metadata = Metadata(actor=str(actor), **told)
        event = event_class(
            originator_id=self.id,
            originator_version=self.version + 1,
            metadata=metadata,
            **state,
        )
        self.follow(event)
        self._pending.append(event)

    def follow(self, event: Event) -> None:
        """Apply an event, new or stored, to the state."""
        self.when(event)
        self.version = event.originator_version
        self.events.append(event)

    def when(self, event: Any) -> None:
        """Change the state by the event. Subclasses match on the event's class."""
        raise NotImplementedError

    def collect_events(self) -> list[Event]:
        """The events recorded since the last call, oldest first."""
        pending, self._pending = self._pending, []
        return pending

    @classmethod
    def from_events(cls, id: UUID, events: list[Event]) -> Self:
        """The aggregate in the state after its stored events."""
        aggregate = cls(id)
        for event in events:
            aggregate.follow(event)
        return aggregate
