"""The shortest way of a few new events into the tables: one transaction, few statements.

It serves those who have just appended. It gives up, without a change, wherever anything is out of
the ordinary; then `catch_up`, which applies any number of events, finds out what it is.
"""

from collections.abc import Sequence

from django.db import connections, transaction

from infrastructure.event_store.chain import ChainVerifier
from infrastructure.event_store.log import Log
from projections.engine import checkpoints, store
from projections.engine.dialects import table_dialect
from projections.engine.errors import ProjectorFailed
from projections.engine.fold import by_stream
from projections.engine.models import Generation, GenerationState
from projections.engine.registry import PROJECTIONS
from projections.engine.runner import ProjectionRun, row_changes_by

FEW = 100
"""At most so many new events."""


def catch_up_with_few(using: str = "default") -> int | None:
    """Apply all new events to all live generations; returns the log's end that was reached.

    None if nothing was done: there are more events than `FEW`, or the live generations are not all
    at one position and of the deployed version, or an event cannot be applied.
    """
    log = Log(using)
    with transaction.atomic(using=using):
        generations = checkpoints.lock_live(list(PROJECTIONS), using)
        if not _alike(generations):
            return None
        position = generations[0].position
        # The checkpoint's own hash begins the chain: another log would break it at once.
        chain = ChainVerifier(position, bytes(generations[0].hash))
        records = log.dialect.read(log.connection, position, None, FEW + 1)
        if not records or len(records) > FEW or chain.follow_all(records):
            return None
        events = log.decode_all(records)
        dialect = table_dialect(connections[using])
        work = []
        for generation in generations:
            projection = PROJECTIONS[generation.label]
            place = dialect.place(projection.model, projection.key, GenerationState.LIVE)
            run = ProjectionRun(projection, generation, place)
            streams = by_stream(events, projection.source.event_type)
            try:
                work.append((run, row_changes_by(log, dialect, run, streams, chain.position)))
            except ProjectorFailed:
                return None
        for run, changed in work:
            store.write(dialect, run.generation, run.place, changed)
        growths = [changed.growth for _, changed in work]
        checkpoints.move_all(generations, chain.position, chain.hash, growths, using)
    return chain.position


def _alike(generations: Sequence[Generation]) -> bool:
    """Whether all projections are live, at one position, and of the deployed version."""
    return (
        len(generations) == len(PROJECTIONS)
        and len({(one.position, bytes(one.hash)) for one in generations}) == 1
        and all(one.projector_version == PROJECTIONS[one.label].version for one in generations)
    )
