"""Prepares a part of the log: the work of a rebuild that does not need the tables.

Streams that begin in the part are folded, and their rows are packed for the database. This is
nearly all of the work. Parts do not depend on each other, so several processes can prepare parts
of one log at once. Events of streams that began earlier are passed on as they are.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from domain.errors import RestoreLogError
from domain.events import Event
from infrastructure.event_store.log import Log
from projections.engine import row_versions, store
from projections.engine.aggregates import contributions
from projections.engine.dialects.base import TableDialect
from projections.engine.fold import ByStream, by_stream, fold
from projections.engine.models import GenerationState
from projections.engine.registry import (
    PROJECTIONS,
    AggregateProjection,
    Sums,
    VersionsProjection,
)
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

    None if an event in it cannot be read or folded. The part is then applied event by event, which
    finds the event and reports it.
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
            place = dialect.place(projection.model, projection.key, GenerationState.BUILDING)
            if isinstance(projection, VersionsProjection):
                changes = row_versions.version_changes(projection, streams, {})
                rows[label] = store.new_rows(dialect, place, changes)
                continue
            folded = fold(projection.source, scope, streams, {})
            if isinstance(projection, AggregateProjection):
                sums[label] = contributions(projection, streams, folded)
                continue
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
    """The streams that begin here; the events of the others are added to `older`."""
    begun: ByStream = {}
    for stream_id, events in streams.items():
        if events[0].originator_version == 1:
            begun[stream_id] = events
        else:
            older += events
    return begun
