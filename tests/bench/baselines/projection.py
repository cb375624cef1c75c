"""The library's projection: per event, one transaction with the rows and the tracking."""

import time
from abc import abstractmethod
from typing import Any
from uuid import UUID

from eventsourcing.persistence import Tracking, TrackingRecorder
from eventsourcing.projection import Projection

from domain.events import Event
from projections.engine.registry import Projection as Table
from tests.bench.baselines.tables import tables_of

Changes = list[tuple[Table, Any]]
"""The rows to write; the row is one that no longer stands if it is to be deleted."""


class View(TrackingRecorder):
    """The four tables, written together with the tracking."""

    @abstractmethod
    def row(self, table: Table, stream_id: UUID) -> Any:
        """The stream's row as it stands, or None."""

    @abstractmethod
    def write(self, stream_id: UUID, changes: Changes, tracking: Tracking) -> None:
        """Write the rows and the tracking, in one transaction."""


class TablesProjection(Projection[Any]):
    """Projects our events into our tables. A stream's first event has no row to read."""

    name = "tables"
    last_done: float = 0.0
    """When the last event was done, on the performance counter."""

    def process_event(self, domain_event: Event, tracking: Tracking) -> None:  # type: ignore[override]
        stream_id, view = domain_event.originator_id, self.view
        changes: Changes = []
        for table in tables_of(domain_event):
            first = domain_event.originator_version == 1
            row = table.project(None if first else view.row(table, stream_id), domain_event)
            if row is not None:
                changes.append((table, row))
        view.write(stream_id, changes, tracking)
        self.last_done = time.perf_counter()
