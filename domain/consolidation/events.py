"""What happens to the consolidation as a whole."""

from typing import ClassVar
from uuid import UUID

from domain.events import Event


class ConsolidationEvent(Event, frozen=True, kw_only=True):
    """Something that happened to the consolidation."""


class HostAdopted(ConsolidationEvent, frozen=True, kw_only=True):
    """The log was bound to one host.

    `host_id` is random and the root of every imported stream's id. `fingerprint` is how the
    host is known again, wherever its URL points. `id_offset` is what separates host ids from
    the ids given here: a legacy row stands in the consolidated table at `id_offset` + its id.
    """

    TOPIC: ClassVar[str] = "consolidation.HostAdopted"
    host_id: UUID
    fingerprint: str
    id_offset: int


class FingerprintAccepted(ConsolidationEvent, frozen=True, kw_only=True):
    """Somebody vouched that a host with another fingerprint is the same host."""

    TOPIC: ClassVar[str] = "consolidation.FingerprintAccepted"
    fingerprint: str


EVENTS: tuple[type[ConsolidationEvent], ...] = (HostAdopted, FingerprintAccepted)
