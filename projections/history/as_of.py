"""A table as of a position of the log, by replaying the log up to there."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from infrastructure.event_store.log import Log, as_datetime
from infrastructure.event_store.models import Event
from infrastructure.event_store.moments import (
    NOW,
    BeyondLog,
    NotAMoment,
    is_time,
    position_of,
    read_moment,
)
from projections.engine import checkpoints
from projections.engine.aggregates import add_to
from projections.engine.errors import UnknownLabel
from projections.engine.fold import by_stream, first_violation, fold, values
from projections.engine.registry import (
    PROJECTIONS,
    AggregateProjection,
    Projection,
    Row,
    RowProjection,
    Sums,
    VersionsProjection,
    projections_named,
)
from projections.history.errors import NotRecordedYet, UnknownMoment

AT_A_TIME = 500


def rows_as_of(
    label: str, position: int, *, scope: str | None = None, using: str = "default"
) -> Iterator[dict[str, Any]]:
    """The rows, in order of id, that the table held when the log ended at `position`.

    `scope` is the live generation's unless given. Rows are kept in a temporary file meanwhile, so
    memory is bounded. Raises `UnknownLabel`, also for a table of versions: its rows are of every
    position already.
    """
    (projection,) = projections_named([label])
    if isinstance(projection, VersionsProjection):
        raise UnknownLabel(label, replayable())
    source = projection.source
    scope = scope or checkpoints.live(projection, using).scope
    # With an empty name SQLite opens a private temporary file and deletes it when it is closed.
    with closing(sqlite3.connect("")) as scratch:
        scratch.execute("CREATE TABLE rows (stream BLOB PRIMARY KEY, id INTEGER, row BLOB)")
        for events in Log(using).events(upto=position):
            streams = by_stream(events, source.event_type)
            folded = fold(source, scope, streams, _load(scratch, source, list(streams)))
            scratch.executemany(
                "INSERT OR REPLACE INTO rows VALUES (?, ?, ?)",
                [_stored(source, stream_id, one.row) for stream_id, one in folded.items()],
            )
        found = scratch.execute("SELECT row FROM rows WHERE id IS NOT NULL ORDER BY id")
        rows = (msgspec.json.decode(stored, type=source.row_type) for (stored,) in found)
        for row in rows if projection is source else _summed(projection, rows):
            yield dict(zip(projection.columns, values(row), strict=True))


def replayable() -> list[str]:
    """The labels of the tables that can be shown as of a position."""
    return [label for label, one in PROJECTIONS.items() if not isinstance(one, VersionsProjection)]


def position_as_of(text: str, *, using: str = "default") -> int:
    """The position for a text that is a position, a time by the log's clock, or `now`.

    `now` means the end of the log. Raises `UnknownMoment` for any other text, `NotRecordedYet`
    for a time before the log's first event.
    """
    log = Log(using)
    try:
        position = position_of(text, log)
    except (NotAMoment, BeyondLog) as error:
        raise UnknownMoment(text, log.head().position) from error
    if position == 0 and is_time(text):
        first = next(log.records(upto=1), None)
        begins = as_datetime(first[0].recorded_at).isoformat() if first else "its first event"
        raise NotRecordedYet(text, begins)
    return position


def time_meant(text: str, position: int, now: datetime, *, using: str = "default") -> datetime:
    """The time that this text of a position, a time or `now` means, by the log's clock; not later
    than now. `position` is the one that it means."""
    if text == NOW:
        return now
    if is_time(text):
        return min(read_moment(text), now)
    recorded = Event.objects.using(using).filter(pk=position).values_list("recorded_at", flat=True)
    found = recorded.first()
    return now if found is None else as_datetime(found)


def _summed(projection: Projection, rows: Iterable[Row]) -> list[Row]:
    """The sums over these rows, as rows in order of id."""
    assert isinstance(projection, AggregateProjection), "what is not rows is sums over rows"
    sums: Sums = {}
    for row in rows:
        add_to(sums, projection.contribute(row))
    found = [projection.row(*one) for one in sums.items() if any(one[1])]
    standing = (row for row in found if first_violation(projection, row, values(row)) is None)
    return sorted(standing, key=lambda row: row.id)


def _stored(projection: Projection, stream_id: UUID, row: Row) -> tuple[bytes, int | None, bytes]:
    """The row for the scratch table; its id is NULL if the row is kept out of its table."""
    stands = row.present and first_violation(projection, row, values(row)) is None
    return stream_id.bytes, row.id if stands else None, msgspec.json.encode(row)


def _load(
    scratch: sqlite3.Connection, projection: RowProjection, streams: list[UUID]
) -> dict[UUID, Row]:
    rows: dict[UUID, Row] = {}
    for start in range(0, len(streams), AT_A_TIME):
        part = [stream_id.bytes for stream_id in streams[start : start + AT_A_TIME]]
        marks = ", ".join(["?"] * len(part))
        for (stored,) in scratch.execute(f"SELECT row FROM rows WHERE stream IN ({marks})", part):
            row = msgspec.json.decode(stored, type=projection.row_type)
            rows[getattr(row, projection.key)] = row
    return rows
