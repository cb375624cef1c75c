"""Steps of the consolidation that are only said to have been taken: the log names them."""

from typing import Any

from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.consolidation.events import CutOver, Retired, RolledBack, SnapshotRestored
from domain.events import Event, Metadata
from infrastructure.event_store.codec import new_event
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event as StoredEvent

STEPS: dict[str, Any] = {
    "cut over": (CutOver, {"certificate": "c", "snapshot": "s", "mappings": {},
                           "accepted_quarantined": 0}),
    "rolled back": (RolledBack, {"unrepresentable": 0}),
    "retired": (Retired, {"certificate": "c", "legacy": {}}),
    "wide tables restored": (SnapshotRestored, {"snapshot": "s", "scope": "all"}),
    "narrow tables restored": (SnapshotRestored, {"snapshot": "s", "scope": "native"}),
}  # fmt: skip


def say(*steps: str) -> None:
    """Record these steps; no table is touched."""
    for step in steps:
        kind, state = STEPS[step]
        version = StoredEvent.objects.filter(stream_id=CONSOLIDATION_ID).count() + 1
        event: Event = kind(
            originator_id=CONSOLIDATION_ID,
            originator_version=version,
            metadata=Metadata(actor="ada"),
            **state,
        )
        Log().append([new_event(event)])
