"""Catch-up: applies new events to the live generations."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connections

from infrastructure.event_store.log import Log
from projections.engine import checkpoints
from projections.engine.dialects import table_dialect
from projections.engine.errors import RebuildRequired
from projections.engine.models import GenerationState
from projections.engine.registry import projections_named
from projections.engine.runner import CatchUpRunner, Progress, ProjectionRun
from projections.errors import ProjectionError


@dataclass(frozen=True)
class CatchUpResult:
    """A projection's position, how many events it applied, and the error that stopped it."""

    position: int
    events: int
    error: ProjectionError | None = None


def catch_up(
    labels: Iterable[str] | None = None,
    upto: int | None = None,
    using: str = "default",
    progress: Progress | None = None,
) -> dict[str, CatchUpResult]:
    """Apply new events, up to a position or the log's end, to these projections.

    A projection that cannot go on has its reason in `error`; the others go on. Any number of
    processes may do this at once. Raises the log's error for an event that it cannot read.
    """
    dialect = table_dialect(connections[using])
    feeds: list[ProjectionRun] = []
    caught: dict[str, CatchUpResult] = {}
    for projection in projections_named(labels):
        generation = checkpoints.live(projection, using)
        if generation.projector_version != projection.version:
            error = RebuildRequired(
                projection.label, generation.projector_version, projection.version
            )
            caught[projection.label] = CatchUpResult(generation.position, 0, error)
            continue
        place = dialect.place(projection.model, projection.key, GenerationState.LIVE)
        feeds.append(ProjectionRun(projection, generation, place))
    CatchUpRunner(Log(using), feeds).advance(upto, progress)
    for feed in feeds:
        caught[feed.projection.label] = CatchUpResult(
            feed.generation.position, feed.events, feed.error
        )
    return caught
