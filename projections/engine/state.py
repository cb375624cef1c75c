"""The state of the projections, for people and probes."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery

from infrastructure.event_store.chain import GENESIS
from infrastructure.event_store.log import Log, as_bytes
from infrastructure.event_store.models import Event
from infrastructure.event_store.records import LogHead
from projections.engine.errors import CheckpointNotInLog
from projections.engine.models import Generation, GenerationState, WithheldRow
from projections.engine.registry import PROJECTIONS

QUARANTINED = Q(withheld__cause=WithheldRow.Cause.QUARANTINED)
VANISHED = Q(withheld__cause=WithheldRow.Cause.VANISHED)


def projections_state(using: str = "default", head: LogHead | None = None) -> list[dict[str, Any]]:
    """One dict per projection, ready for JSON.

    `state` is `live`, `stopped` (`error` says why), `rebuild_required`, or `not_in_log` if the
    log ends before the projection's checkpoint or has another event there. `lag_seconds` is how
    long ago the oldest event that is not yet applied was recorded, by the log's clock.
    `head` is the end of the log, if it is known already.
    """
    head = head or Log(using).head()
    events = Event.objects.using(using)
    live = {
        generation.label: generation
        for generation in Generation.objects.using(using)
        .filter(state=GenerationState.LIVE)
        .annotate(
            quarantined=Count("withheld", filter=QUARANTINED),
            vanished=Count("withheld", filter=VANISHED),
            hash_there=Subquery(events.filter(position=OuterRef("position")).values("hash")),
            next_recorded_at=Subquery(
                events.filter(position=OuterRef("position") + 1).values("recorded_at")
            ),
        )
    }
    first = None
    if head.position and PROJECTIONS.keys() - live.keys():
        first = events.filter(position=1).values_list("recorded_at", flat=True).first()
    return [_one(label, live.get(label), head.position, first) for label in PROJECTIONS]


def _one(label: str, generation: Any, head: int, first: int | None) -> dict[str, Any]:
    """`first` is when the log's first event was recorded; needed without a generation."""
    position = generation.position if generation else 0
    waits_since = generation.next_recorded_at if generation else first
    lost = generation is not None and not _is_in_log(generation)
    error = CheckpointNotInLog(label, position).message if lost else ""
    return {
        "label": label,
        "generation": generation.pk if generation else None,
        "scope": generation.scope if generation else None,
        "version": generation.projector_version if generation else None,
        "position": position,
        "lag_events": max(head - position, 0),
        "lag_seconds": _seconds_since(waits_since or 0) if head > position else 0.0,
        "rows": generation.rows if generation else 0,
        "quarantined": generation.quarantined if generation else 0,
        "vanished": generation.vanished if generation else 0,
        "state": "not_in_log" if lost else _state(label, generation),
        "error": error or (generation.error if generation else ""),
        "failed_position": generation.failed_position if generation else None,
    }


def _state(label: str, generation: Any) -> str:
    if generation is None:
        return "live"
    if generation.projector_version != PROJECTIONS[label].version:
        return "rebuild_required"
    return "stopped" if generation.error else "live"


def _is_in_log(generation: Any) -> bool:
    """Whether the log has the event at its checkpoint, with the same hash."""
    if generation.position == 0:
        return bytes(generation.hash) == GENESIS
    there = generation.hash_there
    return there is not None and as_bytes(there) == bytes(generation.hash)


def _seconds_since(recorded_at: int) -> float:
    return max(datetime.now(UTC).timestamp() - recorded_at / 1_000_000, 0.0)
