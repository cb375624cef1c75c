"""Whether the consolidated tables hold the legacy rows according to the log, and since when."""

from datetime import datetime

from django.db.models import QuerySet
from msgspec.structs import force_setattr

from domain.consolidation.consolidation import CONSOLIDATION_ID, Consolidation
from domain.consolidation.events import CutOver, RolledBack, SnapshotRestored
from domain.consolidation.values import Scope
from infrastructure.event_store.codec import CODEC
from infrastructure.event_store.log import as_datetime
from infrastructure.event_store.models import Event
from projections.engine.registry import PROJECTIONS

SWITCHES = (CutOver.TOPIC, RolledBack.TOPIC, SnapshotRestored.TOPIC)
"""The events that change which rows the consolidated tables hold; any log has only a few."""


def scoped_labels() -> list[str]:
    """The projections that a cut-over or a roll-back switches, all at once."""
    return [one.label for one in PROJECTIONS.values() if one.scoped]


def scope_in_force(using: str) -> str:
    """Which rows the consolidated tables must hold. Works also if the engine's tables are lost."""
    return _switched(using).scope


def scope_as_of(position: int, using: str = "default") -> str:
    """Which rows the consolidated tables held when the log ended at this position."""
    return _switched(using, upto=position).scope


def cut_over_since(using: str = "default") -> datetime | None:
    """When the cut-over that is in force was recorded; None before it and after a roll-back."""
    return _switched(using).legacy_rows_since


def switches_until(position: int | None, using: str = "default") -> QuerySet[Event]:
    """The events up to this position, or all, that changed the rows of the consolidated tables."""
    switches = Event.objects.using(using).filter(stream_id=CONSOLIDATION_ID, topic__in=SWITCHES)
    return switches if position is None else switches.filter(position__lte=position)


def scope_after(topic: str, schema_version: int, state: bytes) -> Scope:
    """Which rows the consolidated tables held after the last such event, as it is stored."""
    consolidation = Consolidation()
    consolidation.follow(CODEC.decode(topic, schema_version, state))
    return consolidation.scope


def _switched(using: str, upto: int | None = None) -> Consolidation:
    """The consolidation, from its switches alone: a retirement does not change the rows."""
    switches = switches_until(upto, using)
    events = switches.order_by("stream_version").values_list(
        "topic", "schema_version", "state", "recorded_at"
    )
    consolidation = Consolidation()
    for topic, schema_version, state, recorded_at in events:
        event = CODEC.decode(topic, schema_version, bytes(state))
        force_setattr(event, "recorded_at", as_datetime(recorded_at))
        consolidation.follow(event)
    return consolidation
