"""The baseline on SQLite, which the library cannot subscribe to: its recorder, read in pages.

The page is as long as the one of the library's own subscriptions, and events are processed as
`ProjectionRunner` does it, without the threads.
"""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Tracking
from eventsourcing.sqlite import SQLiteFactory, SQLiteTrackingRecorder
from eventsourcing.utils import Environment

from projections.engine.registry import Projection as Table
from tests.bench.baselines import tables
from tests.bench.baselines.log import CHUNK, LibraryLog, environment
from tests.bench.baselines.projection import Changes, TablesProjection, View

TIMES = frozenset({"started_at", "completed_at", "created_at", "updated_at"})
UUIDS = frozenset({"restore_id", "backup_id"})


class SQLiteView(SQLiteTrackingRecorder, View):
    """Values stand in the tables as Django stores them."""

    def row(self, table: Table, stream_id: UUID) -> Any:
        with self.datastore.transaction(commit=False) as cursor:
            cursor.execute(tables.select(table.label, "?"), [stream_id.hex])
            found = cursor.fetchone()
        return (
            table.row_type(**{c: _read(c, found[c]) for c in tables.columns(table.label)})
            if found
            else None
        )

    def write(self, stream_id: UUID, changes: Changes, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            for table, row in changes:
                if row.present:
                    cursor.execute(
                        tables.upsert(table.label, "?"),
                        [_stored(value) for value in tables.values(table, row)],
                    )
                else:
                    cursor.execute(tables.delete(table.label, "?"), [stream_id.hex])
            self._insert_tracking(cursor, tracking)


def replay(url: str, last: int) -> float:
    """Run the projection over the whole log, up to the position `last`; returns seconds."""
    env = environment(url)
    factory = SQLiteFactory(Environment("tables", env))
    begin = time.perf_counter()
    projection = TablesProjection(factory.tracking_recorder(SQLiteView))
    with LibraryLog(env) as app:
        done = projection.view.max_tracking_id(app.name) or 0
        while done < last:
            for notification in app.recorder.select_notifications(
                done, CHUNK, inclusive_of_start=False
            ):
                done = int(notification.id)
                event = app.mapper.to_domain_event(notification)
                projection.process_event(event, Tracking(app.name, done))
    factory.close()
    return projection.last_done - begin


def _stored(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))
    return value


def _read(column: str, value: Any) -> Any:
    if value is None:
        return None
    if column in TIMES:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if column in UUIDS:
        return UUID(value)
    return bool(value) if column == "is_overwrite" else value
