"""Sums over rows: if a row changes, its old contribution is subtracted and its new one added.

The old contribution is folded from the log again, up to the sums' position. So the sums do not
depend on any other table, its rows or its position.
"""

from contextlib import suppress
from operator import add
from uuid import UUID

from infrastructure.event_store.log import Log
from projections.engine import store
from projections.engine.dialects.base import TableDialect, TableLocation
from projections.engine.errors import ProjectorFailed
from projections.engine.fold import ByStream, Folded, begun_earlier, by_stream, fold
from projections.engine.models import Generation
from projections.engine.registry import AggregateProjection, Row, Sums


def contributions(
    projection: AggregateProjection, streams: ByStream, folded: dict[UUID, Folded]
) -> Sums:
    """The sum of the contributions of those of these rows that are in their table.

    Raises `ProjectorFailed` for the event of the first row whose contribution cannot be computed.
    """
    kept = {
        one.stream_id for one in store.row_changes(projection.source, store.NOTHING, folded).kept
    }
    rows = {stream_id: one.row for stream_id, one in folded.items() if stream_id not in kept}
    return contributed(projection, streams, rows)


def contributed(projection: AggregateProjection, streams: ByStream, rows: dict[UUID, Row]) -> Sums:
    """The sum of the contributions of these rows, all of which are in their table.

    Raises `ProjectorFailed` for the event of the first row whose contribution cannot be computed.
    """
    if projection.contribute_all is not None:
        with suppress(Exception):
            # If it fails, the rows one by one say which of them is to blame.
            return projection.contribute_all(list(rows.values()))
    sums: Sums = {}
    failed: ProjectorFailed | None = None
    for stream_id, row in rows.items():
        try:
            given = projection.contribute(row)
            projection.refuse_other_shapes(given)
            add_to(sums, given)
        # As with a projector: its error must stop only its own projection.
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
    """The changes that these events make to the sums of a generation.

    Raises `ProjectorFailed` for the first event that cannot be applied.
    """
    earlier: ByStream = {}
    if begun := begun_earlier(streams):
        earlier = by_stream(log.events_of(begun, generation.position), projection.source.event_type)
    return moved(projection, generation.scope, earlier, streams)


def moved(
    projection: AggregateProjection, scope: str, earlier: ByStream, streams: ByStream
) -> Sums:
    """The changes that these events make to the sums, after all earlier ones of their streams.

    Raises `ProjectorFailed` for the first event that cannot be applied.
    """
    source, label = projection.source, projection.label
    before = fold(source, scope, earlier, {}, label)
    rows = {stream_id: one.row for stream_id, one in before.items()}
    sums = contributions(projection, streams, fold(source, scope, streams, rows, label))
    take_from(sums, contributions(projection, earlier, before))
    return sums


def add_to(sums: Sums, others: Sums) -> None:
    """Add the others to the first sums, in place."""
    for key, measures in others.items():
        known = sums.get(key)
        if known is not None:
            measures = tuple(map(add, known, measures))
        sums[key] = measures


def take_from(sums: Sums, others: Sums) -> None:
    """Take the others from the first sums, in place."""
    for key, measures in others.items():
        add_to(sums, {key: tuple(-measure for measure in measures)})


def changes(
    dialect: TableDialect,
    projection: AggregateProjection,
    generation: Generation,
    place: TableLocation,
    sums: Sums,
    position: int,
) -> store.RowChanges:
    """The table's row changes for adding these sums, which are of events up to a position."""
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
