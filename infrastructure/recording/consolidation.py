"""Loading the consolidation, recording certificates, and the files that its events name."""

from typing import Any

from domain.consolidation.consolidation import CONSOLIDATION_ID, Consolidation
from domain.consolidation.events import CutOver, Verified
from domain.events import Actor
from infrastructure.event_store.log import Log
from infrastructure.recording.streams import load_events, save


def load_consolidation(log: Log) -> Consolidation:
    """The consolidation; a new one if it has no events yet."""
    return Consolidation.from_events(CONSOLIDATION_ID, load_events(log, CONSOLIDATION_ID))


def certify(log: Log, *, actor: Actor, **facts: Any) -> Consolidation:
    """Record that a certificate was issued. `facts` as for `Consolidation.certify`."""
    consolidation = load_consolidation(log)
    consolidation.certify(actor=actor, **facts)
    save(log, consolidation)
    return consolidation


def cut_overs(log: Log) -> list[CutOver]:
    """All cut-overs so far, oldest first."""
    return [event for event in load_events(log, CONSOLIDATION_ID) if isinstance(event, CutOver)]


def certificates(log: Log) -> set[str]:
    """The SHA-256 of every issued certificate, whatever its result."""
    stream = load_events(log, CONSOLIDATION_ID)
    return {event.certificate for event in stream if isinstance(event, Verified)}
