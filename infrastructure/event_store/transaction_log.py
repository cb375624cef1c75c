"""The log in one transaction: what is appended stays at hand for the tables that show it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connections

from domain.aggregate import Aggregate
from domain.events import Event
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import LogHead, NewEvent, StoredRow


class TransactionLog(Log):
    """The log in one transaction, which is rolled back after an error.

    What is appended through it stays at hand, so that the tables can be brought up to it.
    """

    def __init__(self, using: str = "default") -> None:
        super().__init__(using)
        self._connection = connections[using]
        self.before: LogHead | None = None
        """The end of the log before the first append; None if nothing was appended."""
        self.rows: list[StoredRow] = []
        """What was appended, as it is stored."""
        self.saved: dict[UUID, Aggregate] = {}

    @property
    def connection(self) -> Any:
        return self._connection

    def append(self, events: Sequence[NewEvent], *, savepoint: bool = False) -> LogHead:
        return super().append(events, savepoint=savepoint)

    def appended(self, before: LogHead, rows: Sequence[StoredRow]) -> None:
        if self.before is None:
            self.before = before
        self.rows += rows

    def new_events(self) -> list[Event]:
        """What was appended, as a replay reads it."""
        return self.decode_all([(row[0], UUID(bytes=row[1]), *row[2:6]) for row in self.rows])

    def earlier_events(self, stream_id: UUID) -> list[Event] | None:
        """The stream's events before the new ones, as they were loaded; None if they were not."""
        if self.before is None or (aggregate := self.saved.get(stream_id)) is None:
            return None
        end = self.before.position
        return [event for event in aggregate.events if event.position <= end]
