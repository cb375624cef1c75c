"""Whether the consolidated tables hold the legacy rows, by the log, and since when."""

from datetime import datetime

import msgspec

from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.consolidation.events import CutOver, RolledBack, SnapshotRestored
from infrastructure.event_store.log import as_datetime
from infrastructure.event_store.models import Event
from projections.engine.models import Scope

SWITCHES = (CutOver.TOPIC, RolledBack.TOPIC, SnapshotRestored.TOPIC)
"""What puts other rows into the consolidated tables; there are few of these in any log."""


def cut_over_since(using: str = "default") -> datetime | None:
    """When the cut-over that is in force was recorded; None before it and after a roll-back.

    A retirement changes nothing about it.
    """
    since = None
    switches = (
        Event.objects.using(using)
        .filter(stream_id=CONSOLIDATION_ID, topic__in=SWITCHES)
        .order_by("stream_version")
        .values_list("topic", "recorded_at", "state")
    )
    for topic, recorded_at, state in switches:
        if _legacy_rows_stand(topic, bytes(state)):
            since = since or as_datetime(recorded_at)
        else:
            since = None
    return since


def scope_in_force(using: str = "default") -> str:
    """Which rows the consolidated tables hold, as the log says; the engine's tables may be gone."""
    return (Scope.ALL if cut_over_since(using) else Scope.NATIVE).value


def _legacy_rows_stand(topic: str, state: bytes) -> bool:
    if topic == SnapshotRestored.TOPIC:
        return bool(msgspec.json.decode(state)["scope"] == Scope.ALL.value)
    return topic == CutOver.TOPIC
