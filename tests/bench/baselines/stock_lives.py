"""Lives of restores as a user of the library writes them: its aggregate, codec and recorders.

A projection keeps one table with a row for each restore. A life is three saves, and after each the
projection is waited for. The aggregate stays in memory between its saves: it is never loaded.
"""

import time
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import Tracking, TrackingRecorder
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.sqlite import SQLiteFactory, SQLiteTrackingRecorder
from eventsourcing.utils import Environment

from tests.bench.baselines.log import environment
from tests.support import raw

TABLE = (
    "CREATE TABLE one_restore (restore_id text PRIMARY KEY, name text, target_database text,"
    " status text, requested_at text, started_at text, completed_at text)"
)
REQUESTED = "INSERT INTO one_restore VALUES (?, ?, ?, 'pending', ?, NULL, NULL)"
STARTED = "UPDATE one_restore SET status = 'in_progress', started_at = ? WHERE restore_id = ?"
COMPLETED = "UPDATE one_restore SET status = 'completed', completed_at = ? WHERE restore_id = ?"
PATIENCE = 60.0


class Restore(Aggregate):
    """A restore that is requested, started and completed."""

    @event("Requested")
    def __init__(self, *, name: str, target_database: str, requested_at: datetime) -> None:
        self.name, self.target_database = name, target_database
        self.requested_at = requested_at
        self.status = "pending"

    @event("Started")
    def start(self, *, started_at: datetime) -> None:
        self.started_at, self.status = started_at, "in_progress"

    @event("Completed")
    def complete(self, *, completed_at: datetime, message: str) -> None:
        self.completed_at, self.message, self.status = completed_at, message, "completed"


class Restores(Application[UUID]):
    """A stock application."""


class View(TrackingRecorder):
    """The table, written together with the tracking."""

    @abstractmethod
    def write(self, statement: str, values: list[str], tracking: Tracking) -> None:
        """Run a statement, with `?` for each value, and keep the tracking, in one transaction."""


class PostgresView(PostgresTrackingRecorder, View):
    """A prepared statement, as in the library's own recorders."""

    def write(self, statement: str, values: list[str], tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(statement.replace("?", "%s"), values, prepare=True)  # type: ignore[arg-type]
            self._insert_tracking(cursor, tracking)


class SQLiteView(SQLiteTrackingRecorder, View):
    """The same on SQLite."""

    def write(self, statement: str, values: list[str], tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            cursor.execute(statement, values)
            self._insert_tracking(cursor, tracking)


class RestoreRows(Projection[Any]):
    """Writes the row of each restore."""

    name = "restore_rows"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        key = str(domain_event.originator_id)
        match type(domain_event).__name__:
            case "Requested":
                name, target = domain_event.name, domain_event.target_database
                values = [key, name, target, domain_event.requested_at.isoformat()]
                self.view.write(REQUESTED, values, tracking)
            case "Started":
                self.view.write(STARTED, [domain_event.started_at.isoformat(), key], tracking)
            case _:
                self.view.write(COMPLETED, [domain_event.completed_at.isoformat(), key], tracking)


@contextmanager
def projected(url: str) -> Iterator[tuple[Any, Callable[[int], None]]]:
    """The application, and a function that waits until the projection shows a notification.

    SQLite is not subscribed to, so there the projection is run where it is waited for, as
    `ProjectionRunner` would, without its threads.
    """
    raw.execute(url, TABLE)
    env = environment(url)
    if not url.startswith("sqlite"):
        with ProjectionRunner(
            application_class=Restores,
            projection_class=RestoreRows,
            view_class=PostgresView,
            env=env,
        ) as runner:
            yield runner.app, lambda last: runner.wait(last, timeout=PATIENCE)
        return
    factory = SQLiteFactory(Environment("rows", env))
    projection = RestoreRows(factory.tracking_recorder(SQLiteView))
    with Restores(env) as app:
        done = 0

        def process(last: int) -> None:
            nonlocal done
            for notification in app.recorder.select_notifications(
                done, last - done, inclusive_of_start=False
            ):
                done = int(notification.id)
                domain_event = app.mapper.to_domain_event(notification)
                projection.process_event(domain_event, Tracking(app.name, done))

        yield app, process
    factory.close()


def lives(url: str, count: int) -> tuple[float, float]:
    """Live through so many lives; the seconds that passed, and those of the processor."""
    with projected(url) as (app, wait):

        def save(restore: Restore) -> None:
            wait(app.save(restore)[-1].notification.id)

        def live(number: int) -> None:
            now = datetime.now(UTC)
            restore = Restore(name=f"restore {number}", target_database="shop", requested_at=now)
            save(restore)
            restore.start(started_at=datetime.now(UTC))
            save(restore)
            restore.complete(completed_at=datetime.now(UTC), message="done")
            save(restore)

        live(0)
        begin, worked = time.perf_counter(), time.process_time()
        for number in range(1, count):
            live(number)
        return time.perf_counter() - begin, time.process_time() - worked
