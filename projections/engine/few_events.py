"""The shortest way of a few new events into the tables: one transaction, few statements.

It serves those who have just appended. It gives up, without a change, wherever anything is out of
the ordinary; then `catch_up`, which applies any number of events, finds out what it is.
"""

from django.db import connections, transaction

from infrastructure.event_store.chain import ChainVerifier
from infrastructure.event_store.log import Log
from projections.engine import checkpoints, store
from projections.engine.appended import FEW, alike
from projections.engine.dialects import table_dialect
from projections.engine.errors import ProjectorFailed
from projections.engine.fold import by_stream
from projections.engine.models import GenerationState
from projections.engine.registry import PROJECTIONS
from projections.engine.runner import ProjectionRun, row_changes_by


def catch_up_with_few(using: str = "default") -> int | None:
    """Apply all new events to all live generations; returns the log's end that was reached.

    None if nothing was done: there are more events than `FEW`, or the live generations are not all
    at one position and of the deployed version, or an event cannot be applied.
    """
    log = Log(using)
    with transaction.atomic(using=using):
        live = checkpoints.lock_live(log, PROJECTIONS)
        if not alike(live):
            return None
        position = live[0].position
        # The checkpoint's own hash begins the chain: another log would break it at once.
        chain = ChainVerifier(position, live[0].hash)
        records = log.dialect.read(log.connection, position, None, FEW + 1)
        if not records or len(records) > FEW or chain.follow_all(records):
            return None
        events = log.decode_all(records)
        dialect = table_dialect(connections[using])
        work = []
        for checkpoint in live:
            projection = PROJECTIONS[checkpoint.label]
            streams = by_stream(events, projection.source.event_type)
            if not streams:
                continue
            place = dialect.place(projection.model, projection.key, GenerationState.LIVE)
            run = ProjectionRun(projection, checkpoint.generation(using), place)
            try:
                work.append((run, row_changes_by(log, dialect, run, streams, chain.position)))
            except ProjectorFailed:
                return None
        for run, changed in work:
            store.write(dialect, run.generation, run.place, changed)
        growths = {run.generation.pk: changed.growth for run, changed in work}
        checkpoints.move_all(live, chain.position, chain.hash, growths, dialect)
    return chain.position
