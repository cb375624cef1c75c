"""Preparing a part of the log: all of a rebuild's work on it that needs no look at the tables.

A stream that begins in the part is folded, and its row packed as the database takes it. That is
nearly all of the work, and no part depends on another, so several processes can prepare parts of
one log at once. The events of streams that began earlier are handed on as they are.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from domain.errors import RestoreLogError
from domain.events import Event
from infrastructure.event_store.log import Log
from projections.engine import store
from projections.engine.aggregates import contributions
from projections.engine.dialects.base import TableDialect
from projections.engine.fold import ByStream, by_stream, fold
from projections.engine.models import GenerationState
from projections.engine.registry import PROJECTIONS, AggregateProjection, Sums
from projections.engine.store import NewRows


class Span(NamedTuple):
    """A part of the log: the events after a position, up to another."""

    after: int
    upto: int


class Prepared(NamedTuple):
    """A part of the log, prepared: new rows and partial sums, by label, and the events of older
    streams."""

    rows: dict[str, NewRows]
    sums: dict[str, Sums]
    events: list[Event]


def prepare(
    log: Log, dialect: TableDialect, scopes: Sequence[tuple[str, str]], span: Span
) -> Prepared | None:
    """Prepare a part for these projections, each given as label and scope.

    None if an event in it cannot be read or folded: whoever takes the part in event by event
    finds out which one, and says so.
    """
    older: list[Event] = []
    rows: dict[str, NewRows] = {}
    sums: dict[str, Sums] = {}
    try:
        (events,) = log.checked_events(*span, chunk=span.upto - span.after)
        begun = {
            kind: _begun_here(by_stream(events, kind), older)
            for kind in {PROJECTIONS[label].source.event_type for label, _ in scopes}
        }
        for label, scope in scopes:
            projection = PROJECTIONS[label]
            streams = begun[projection.source.event_type]
            folded = fold(projection.source, scope, streams, {})
            if isinstance(projection, AggregateProjection):
                sums[label] = contributions(projection, streams, folded)
                continue
            place = dialect.place(projection.model, projection.key, GenerationState.BUILDING)
            changes = store.row_changes(projection, store.NOTHING, folded)
            rows[label] = store.new_rows(dialect, place, changes)
    except RestoreLogError:
        return None
    older.sort(key=lambda event: event.position)
    return Prepared(rows, sums, older)


def spans(after: int, upto: int, size: int) -> Iterable[Span]:
    """The log between two positions, in parts of this many events."""
    return (Span(start, min(start + size, upto)) for start in range(after, upto, size))


def _begun_here(streams: ByStream, older: list[Event]) -> ByStream:
    """Those of the streams that begin here; the others' events are added to `older`."""
    begun: ByStream = {}
    for stream_id, events in streams.items():
        if events[0].originator_version == 1:
            begun[stream_id] = events
        else:
            older += events
    return begun
