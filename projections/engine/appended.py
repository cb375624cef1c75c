"""Brings the tables up to what a transaction has appended, before it ends.

Nothing is read but the checkpoints: the events are at hand, and a row is what they make of it. It
gives up, without a change, wherever anything is out of the ordinary.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DatabaseError

from domain.events import Event
from infrastructure.event_store.transaction_log import TransactionLog
from projections.engine import checkpoints, row_versions, store
from projections.engine.aggregates import add_to, contributed, take_from
from projections.engine.checkpoints import LiveCheckpoint
from projections.engine.dialects import table_dialect
from projections.engine.dialects.base import Key, TableDialect, TableLocation
from projections.engine.errors import ProjectorFailed
from projections.engine.fold import (
    ByStream,
    begun_earlier,
    by_stream,
    first_violation,
    fold,
    values,
)
from projections.engine.models import GenerationState
from projections.engine.registry import (
    PROJECTIONS,
    AggregateProjection,
    Row,
    RowProjection,
    Sums,
    VersionsProjection,
)

FEW = 100
"""At most so many new events."""

Rows = dict[UUID, Row]
_FoldKey = tuple[str | bool, ...]


class TableDiffers(Exception):
    """A table has not the row that the log says. The transaction must be rolled back."""


class _Change(NamedTuple):
    """A row after the new events; its changed columns, or None if it is new."""

    place: TableLocation
    key: Key
    row: tuple[Any, ...]
    changed: dict[int, Any] | None


def catch_up_with_appended(log: TransactionLog) -> int | None:
    """Apply what was appended through `log`, in its transaction; returns the end of the log.

    None if nothing was done: there is nothing new, or more than `FEW` events, a live generation is
    not at the position before them, of another version or locked, or an event cannot be applied.
    Raises `TableDiffers` if a row is not in its table.
    """
    if log.before is None or len(log.rows) > FEW:
        return None
    live = checkpoints.lock_live(log, PROJECTIONS, wait=False)
    if not alike(live) or (live[0].position, live[0].hash) != log.before[:2]:
        return None
    dialect = table_dialect(log.connection)
    events = log.new_events()
    work = _Work(log, dialect, events)
    try:
        # Sums after the rows that they are of: these have been checked then.
        in_order = sorted(live, key=lambda one: PROJECTIONS[one.label].source.label != one.label)
        changes = {one.id: work.changes(one) for one in in_order}
    except (ProjectorFailed, _Unusual):
        return None
    growths = {pk: sum(one.changed is None for one in its) for pk, its in changes.items()}
    last = log.rows[-1]
    try:
        for its in changes.values():
            _write(dialect, its)
        checkpoints.move_all(live, last[0], last[-1], growths, dialect)
    except DatabaseError as error:
        raise TableDiffers(str(error)) from error
    return last[0]


def alike(live: Sequence[LiveCheckpoint]) -> bool:
    """Whether all projections are live, at one position, and of the deployed version."""
    return (
        len(live) == len(PROJECTIONS)
        and len({(one.position, one.hash) for one in live}) == 1
        and all(one.projector_version == PROJECTIONS[one.label].version for one in live)
    )


class _Unusual(Exception):
    """A table cannot be brought up to the events with what is at hand."""


class _Work:
    """Finds what the new events change. Rows that several tables need are folded only once."""

    def __init__(self, log: TransactionLog, dialect: TableDialect, events: Sequence[Event]) -> None:
        self.log = log
        self.dialect = dialect
        self.events = events
        self.streams: dict[type[Event], tuple[ByStream, ByStream]] = {}
        self.rows: dict[_FoldKey, tuple[Rows, Rows]] = {}
        self.fitting: set[_FoldKey] = set()

    def changes(self, live: LiveCheckpoint) -> list[_Change]:
        """The changes of a table. Raises `_Unusual` or `ProjectorFailed`."""
        projection = PROJECTIONS[live.label]
        source = projection.source
        streams, earlier = self._streams_of(source.event_type)
        if not streams:
            return []
        place = self.dialect.place(projection.model, projection.key, GenerationState.LIVE)
        if isinstance(projection, VersionsProjection):
            return _versions(projection, place, streams, earlier)
        key, (before, after) = self._folded(source, live)
        if isinstance(projection, AggregateProjection):
            if key not in self.fitting:
                _refuse_unfit(source, [*before.values(), *after.values()])
            sums = contributed(projection, streams, after)
            take_from(sums, contributed(projection, earlier, before))
            return _changed_sums(self.dialect, projection, place, sums)
        found = [_change(projection, place, pk, before.get(pk), row) for pk, row in after.items()]
        self.fitting.add(key)
        return found

    def _streams_of(self, event_type: type[Event]) -> tuple[ByStream, ByStream]:
        """The new events of this type, and all earlier ones of their streams."""
        if event_type not in self.streams:
            streams, earlier = by_stream(self.events, event_type), ByStream()
            for key in begun_earlier(streams):
                known = self.log.earlier_events(key)
                if known is None:
                    raise _Unusual
                earlier[key] = known
            self.streams[event_type] = streams, earlier
        return self.streams[event_type]

    def _folded(
        self, source: RowProjection, live: LiveCheckpoint
    ) -> tuple[_FoldKey, tuple[Rows, Rows]]:
        """The rows before and after the new events, and what tells this fold from others."""
        streams, earlier = self._streams_of(source.event_type)
        those = [event for part in (earlier, streams) for its in part.values() for event in its]
        # A scope says nothing else than which events are included.
        key: _FoldKey = (source.label, *(source.includes(live.scope, event) for event in those))
        if key not in self.rows:
            before = _rows(source, live.scope, earlier, {})
            self.rows[key] = before, _rows(source, live.scope, streams, before)
        return key, self.rows[key]


def _rows(source: RowProjection, scope: str, streams: ByStream, before: Rows) -> Rows:
    return {key: one.row for key, one in fold(source, scope, streams, before).items()}


def _refuse_unfit(source: RowProjection, rows: Iterable[Row]) -> None:
    """Raise `_Unusual` if one of these rows is not in its table."""
    if any(not one.present or first_violation(source, one, values(one)) for one in rows):
        raise _Unusual


def _changed_sums(
    dialect: TableDialect, projection: AggregateProjection, place: TableLocation, sums: Sums
) -> list[_Change]:
    """The rows that these changes of sums make. Most events change none."""
    keys = {projection.row_id(key): key for key, measures in sums.items() if any(measures)}
    known: dict[UUID, Row] = {}
    for stored in dialect.load(place, list(keys)) if keys else ():
        row = projection.row_type(**dict(zip(projection.columns, stored, strict=True)))
        known[row.id] = row
    changes = []
    for row_id, key in keys.items():
        total = {key: sums[key]}
        if row_id in known:
            add_to(total, {key: projection.measures(known[row_id])})
        if not any(total[key]):
            raise _Unusual  # the row goes
        row = projection.row(key, total[key])
        changes.append(_change(projection, place, row_id, known.get(row_id), row))
    return changes


def _change(
    projection: RowProjection | AggregateProjection,
    place: TableLocation,
    key: UUID,
    before: Row | None,
    after: Row,
) -> _Change:
    if after.unfit or not after.present:
        raise _Unusual
    row, changed = values(after), None
    if before is None:
        fits = projection.fits(row) is None
    else:
        if before.unfit or not before.present:
            raise _Unusual
        pairs = enumerate(zip(values(before), row, strict=True))
        changed = {number: new for number, (old, new) in pairs if old != new}
        checks = projection.column_checks
        fits = all(checks[number][1](new) is None for number, new in changed.items())
    if not fits:
        raise _Unusual
    return _Change(place, key, row, changed)


def _versions(
    projection: VersionsProjection, place: TableLocation, streams: ByStream, earlier: ByStream
) -> list[_Change]:
    """The versions that the events make, after the ends of those that were valid before."""
    changes = row_versions.version_changes(
        projection, streams, row_versions.last(projection, earlier)
    )
    valid_to, cell = place.columns.index("valid_to"), place.columns.index("cell")
    ended = [
        _Change(place, one.valid_from, (), {valid_to: one.valid_to, cell: one.cell})
        for one in changes.ended
    ]
    return [*ended, *(_Change(place, row[0], row, None) for row in changes.written)]


def _write(dialect: TableDialect, changes: Sequence[_Change]) -> None:
    if changes and changes[0].place.key == store.SUMS_KEY:
        dialect.upsert(changes[0].place, [change.row for change in changes])
        return
    for change in changes:
        if change.changed is None:
            dialect.add(change.place, change.row)
        elif not dialect.update(change.place, change.key, change.changed):
            raise TableDiffers(change.place.table)
