"""What a list as of a position needs to know about that position, read in one statement."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Subquery

from domain.consolidation.consolidation import CONSOLIDATION_ID
from domain.consolidation.events import ColumnsChosen
from domain.consolidation.values import Scope
from infrastructure.event_store.log import as_datetime
from infrastructure.event_store.models import Event, Head
from projections.consolidation.scope_in_force import scope_after, switches_until
from projections.engine.checkpoints import live
from projections.engine.models import Generation, GenerationState
from projections.engine.registry import PROJECTIONS
from projections.row_versions.models import RestoreVersion

VERSIONS = RestoreVersion._meta.label


class PositionFacts(NamedTuple):
    """`scope` is that of the table of restores then. None stands for an event that there is not."""

    reached: int
    """The position up to which there are versions of rows."""
    projector_version: int
    """That of the projector which made the versions."""
    first: int | None
    """The position of the first version."""
    recorded_at: datetime | None
    scope: str
    columns_chosen_at: int | None
    """Where the choice of host columns in force was recorded."""


def position_facts(position: int) -> PositionFacts:
    """What is known of a position of the log."""
    live_versions = Generation.objects.filter(label=VERSIONS, state=GenerationState.LIVE)
    chosen = Event.objects.filter(
        stream_id=CONSOLIDATION_ID, topic=ColumnsChosen.TOPIC, position__lte=position
    ).order_by("-stream_version")
    switch = switches_until(position).order_by("-stream_version")
    found = (
        Head.objects.annotate(
            reached=Subquery(live_versions.values("position")),
            projector_version=Subquery(live_versions.values("projector_version")),
            first=Subquery(RestoreVersion.objects.order_by("pk").values("pk")[:1]),
            told_at=Subquery(Event.objects.filter(pk=position).values("recorded_at")),
            chosen_at=Subquery(chosen.values("position")[:1]),
            switch_topic=Subquery(switch.values("topic")[:1]),
            switch_schema_version=Subquery(switch.values("schema_version")[:1]),
            switch_state=Subquery(switch.values("state")[:1]),
        )
        .values()
        .first()
    )
    if found is None or found["reached"] is None:
        # Nothing is recorded yet, or no projection has come to it.
        versions = live(PROJECTIONS[VERSIONS], "default")
        found = {**(found or {}), "reached": versions.position}
        found["projector_version"] = versions.projector_version
    topic, told_at = found.get("switch_topic"), found.get("told_at")
    scope = Scope.NATIVE
    if topic is not None:
        state = bytes(found["switch_state"])
        scope = scope_after(topic, found["switch_schema_version"], state)
    return PositionFacts(
        reached=found["reached"],
        projector_version=found["projector_version"],
        first=found.get("first"),
        recorded_at=None if told_at is None else as_datetime(told_at),
        scope=scope,
        columns_chosen_at=found.get("chosen_at"),
    )
