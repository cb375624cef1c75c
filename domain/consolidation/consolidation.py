"""The consolidation process: which host the log belongs to."""

from typing import Any
from uuid import UUID

from domain.aggregate import Aggregate
from domain.consolidation.errors import AnotherHost, HostAlreadyAdopted
from domain.consolidation.events import FingerprintAccepted, HostAdopted
from domain.events import Actor

CONSOLIDATION_ID = UUID("3c1a6a9e-6a58-5d0c-9d0e-5b0f8d3f7c11")
"""The one consolidation of a log. A constant, so that it can be found before anything is known."""

DEFAULT_OFFSET = 10**12
SMALL_KEY_OFFSET = 10**9
"""For hosts whose keys are 32-bit integers."""


class Consolidation(Aggregate):
    """One log, one host. More than one host would need more than one log."""

    def __init__(self, id: UUID = CONSOLIDATION_ID) -> None:
        super().__init__(id)
        self.host_id: UUID | None = None
        self.id_offset = DEFAULT_OFFSET
        self.fingerprints: list[str] = []

    def adopt(self, *, host_id: UUID, fingerprint: str, id_offset: int, actor: Actor) -> None:
        """Bind the log to this host, once and for all."""
        if self.host_id is not None:
            raise HostAlreadyAdopted(self.host_id)
        self.record(
            HostAdopted,
            host_id=host_id,
            fingerprint=fingerprint,
            id_offset=id_offset,
            actor=actor,
        )

    def refuse_another_host(self, fingerprint: str) -> None:
        """Raise `AnotherHost` unless this fingerprint is known."""
        if fingerprint not in self.fingerprints:
            raise AnotherHost(self.fingerprints[-1], fingerprint)

    def accept_fingerprint(self, fingerprint: str, *, actor: Actor, reason: str) -> None:
        """Somebody vouches that this is the same host, rebuilt or moved."""
        if fingerprint not in self.fingerprints:
            self.record(FingerprintAccepted, fingerprint=fingerprint, actor=actor, reason=reason)

    def when(self, event: Any) -> None:
        match event:
            case HostAdopted():
                self.host_id = event.host_id
                self.id_offset = event.id_offset
                self.fingerprints = [event.fingerprint]
            case FingerprintAccepted():
                self.fingerprints = [*self.fingerprints, event.fingerprint]
