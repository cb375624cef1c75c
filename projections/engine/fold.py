"""The fold of events into rows, stream by stream, without a database."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from msgspec.structs import astuple

from domain.events import Event
from projections.engine.errors import ProjectorFailed
from projections.engine.registry import BESIDE_COLUMNS, Projection, Row, RowProjection
from projections.mapping.constraints import Violation

ByStream = dict[UUID, list[Event]]


class Folded(NamedTuple):
    """The result of folding one stream's events of a chunk."""

    row: Row
    position: int
    """The position of the last of these events."""


def by_stream(events: Iterable[Event], event_type: type[Event]) -> ByStream:
    """The events of this type, grouped by stream, each in the log's order."""
    streams: ByStream = {}
    for event in events:
        if isinstance(event, event_type):
            known = streams.get(event.originator_id)
            if known is None:
                streams[event.originator_id] = [event]
            else:
                known.append(event)
    return streams


def begun_earlier(streams: ByStream) -> list[UUID]:
    """The streams that have other events before these."""
    return [key for key, events in streams.items() if events[0].originator_version > 1]


def fold(
    projection: RowProjection,
    scope: str,
    streams: ByStream,
    current: Mapping[UUID, Row],
    label: str | None = None,
) -> dict[UUID, Folded]:
    """The rows after these events, of streams that have a row.

    `current` holds the rows that streams had before. Raises `ProjectorFailed` for the first
    event, in the log's order, that the projector cannot apply. The error names `label` if the rows
    are needed for another projection.
    """
    project, includes = projection.project, projection.includes
    rows: dict[UUID, Folded] = {}
    failed: ProjectorFailed | None = None
    for stream_id, events in streams.items():
        row = current.get(stream_id)
        event = events[0]
        try:
            for event in events:
                if row is not None or includes(scope, event):
                    row = project(row, event)
        # An error of one projector must not stop the other projections.
        except Exception as error:  # noqa: BLE001
            if failed is None or event.position < failed.position:
                failed = ProjectorFailed(
                    label or projection.label, event.TOPIC, event.position, error
                )
            continue
        if row is not None:
            rows[stream_id] = Folded(row, event.position)
    if failed is not None:
        raise failed
    return rows


class Folding(NamedTuple):
    """An event of a stream, and the stream's row before and after it, if it has one."""

    event: Event
    before: Row | None
    after: Row | None


def fold_each(projection: RowProjection, scope: str, events: Iterable[Event]) -> Iterator[Folding]:
    """Fold one stream's events, oldest first, one by one; events of other types are skipped."""
    row: Row | None = None
    for event in events:
        streams = by_stream([event], projection.event_type)
        if streams:
            before, known = row, {} if row is None else {event.originator_id: row}
            folded = fold(projection, scope, streams, known).get(event.originator_id)
            row = folded.row if folded else None
            yield Folding(event, before, row)


def values(row: Row) -> tuple[Any, ...]:
    """The row's columns, in the table's order."""
    return astuple(row)[:-BESIDE_COLUMNS]


def first_violation(projection: Projection, row: Row, columns: tuple[Any, ...]) -> Violation | None:
    """The first column that cannot hold its value; None if the row fits its table."""
    if row.unfit:
        return Violation(*next(iter(row.unfit.items())))
    return projection.fits(columns)
