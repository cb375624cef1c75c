"""Sums over rows: a row that changes takes out of them what it gave, and puts in what it gives now.

What a row gave is folded from the log once more, up to where the sums stand. So they depend on no
other table, whatever it holds or wherever it stands.
"""

from operator import add
from uuid import UUID

from infrastructure.event_store.log import Log
from projections.engine import store
from projections.engine.dialects.base import TableDialect, TableLocation
from projections.engine.errors import ProjectorFailed
from projections.engine.fold import ByStream, Folded, begun_earlier, by_stream, fold
from projections.engine.models import Generation
from projections.engine.registry import AggregateProjection, Sums


def contributions(
    projection: AggregateProjection, streams: ByStream, folded: dict[UUID, Folded]
) -> Sums:
    """What these rows give together, those that stand in their table.

    Raises `ProjectorFailed` for the first event that led to a row of which that cannot be said.
    """
    kept = {
        one.stream_id for one in store.row_changes(projection.source, store.NOTHING, folded).kept
    }
    sums: Sums = {}
    failed: ProjectorFailed | None = None
    for stream_id, one in folded.items():
        if stream_id in kept:
            continue
        try:
            given = projection.contribute(one.row)
            projection.refuse_other_shapes(given)
            add_to(sums, given)
        # As for a projector: it is its fault alone.
        except Exception as error:  # noqa: BLE001
            event = streams[stream_id][-1]
            if failed is None or event.position < failed.position:
                failed = ProjectorFailed(projection.label, event.TOPIC, event.position, error)
    if failed is not None:
        raise failed
    return sums


def difference(
    log: Log, projection: AggregateProjection, generation: Generation, streams: ByStream
) -> Sums:
    """What these events change in the sums of a generation.

    Raises `ProjectorFailed` for the first that cannot be taken in.
    """
    source, scope, label = projection.source, generation.scope, projection.label
    earlier: ByStream = {}
    if begun := begun_earlier(streams):
        earlier = by_stream(log.events_of(begun, generation.position), source.event_type)
    before = fold(source, scope, earlier, {}, label)
    rows = {stream_id: one.row for stream_id, one in before.items()}
    sums = contributions(projection, streams, fold(source, scope, streams, rows, label))
    for key, measures in contributions(projection, earlier, before).items():
        add_to(sums, {key: tuple(-measure for measure in measures)})
    return sums


def add_to(sums: Sums, others: Sums) -> None:
    """Add sums to the first ones, in place."""
    for key, measures in others.items():
        known = sums.get(key)
        if known is not None:
            measures = tuple(map(add, known, measures))
        sums[key] = measures


def changes(
    dialect: TableDialect,
    projection: AggregateProjection,
    generation: Generation,
    place: TableLocation,
    sums: Sums,
    position: int,
) -> store.RowChanges:
    """How the table gets to what these sums, made of events up to a position, add to it."""
    keys = {projection.row_id(key): key for key, measures in sums.items() if any(measures)}
    before = store.before(dialect, projection, generation, place, list(keys))
    after: dict[UUID, Folded] = {}
    for row_id, key in keys.items():
        total = {key: sums[key]}
        if row_id in before.rows:
            add_to(total, {key: projection.measures(before.rows[row_id])})
        if any(total[key]):
            after[row_id] = Folded(projection.row(key, total[key]), position)
    changed = store.row_changes(projection, before, after)
    gone = keys.keys() - after.keys()
    changed.gone.extend(gone & before.present)
    changed.let_go.extend(gone & before.withheld)
    return changed
