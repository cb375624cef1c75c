"""The baseline on PostgreSQL: the library's `ProjectionRunner`."""

import time
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import ProjectionRunner

from projections.engine.registry import Projection as Table
from tests.bench.baselines import tables
from tests.bench.baselines.log import LibraryLog, environment
from tests.bench.baselines.projection import Changes, TablesProjection, View


class PostgresView(PostgresTrackingRecorder, View):
    """Prepared statements throughout, as in the library's own recorders."""

    def row(self, table: Table, stream_id: UUID) -> Any:
        with self.datastore.get_connection() as connection, connection.cursor() as cursor:
            self._execute(cursor, tables.select(table.label, "%s"), [stream_id])
            found = cursor.fetchone()
        return table.row_type(**found) if found else None

    def write(self, stream_id: UUID, changes: Changes, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            for table, row in changes:
                if row.present:
                    self._execute(
                        cursor, tables.upsert(table.label, "%s"), tables.values(table, row)
                    )
                else:
                    self._execute(cursor, tables.delete(table.label, "%s"), [stream_id])
            self._insert_tracking(cursor, tracking)

    def _execute(self, cursor: Any, statement: str, parameters: list[Any]) -> None:
        cursor.execute(statement, parameters, prepare=True)


def replay(url: str, last: int) -> float:
    """Run the projection over the whole log, up to the position `last`; returns seconds."""
    begin = time.perf_counter()
    with ProjectionRunner(
        application_class=LibraryLog,
        projection_class=TablesProjection,
        view_class=PostgresView,
        env=environment(url),
    ) as runner:
        runner.wait(last, timeout=3600)
        return runner.projection.last_done - begin
