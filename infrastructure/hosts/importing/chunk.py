"""A chunk: the events of one transaction, and the entries of the index for them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Max

from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event
from infrastructure.event_store.records import LogHead, NewEvent, SealedEvent
from infrastructure.hosts.importing.row_digests import NewRow, same_host_row
from infrastructure.hosts.importing.row_index import ChangedRow

EVENTS = 5_000
BYTES = 8 * 2**20
"""A transaction ends at whichever comes first, so it stays short, and messages of megabytes
do not pile up in memory."""
_UNKNOWN = 0
_LOOKUPS = 500


@dataclass
class ImportChunk:
    """The content of a transaction; `label` is the table's, None for events of no table.

    Events of existing streams have no version yet. `sealed` are first events of streams, sealed
    by the process that read them; a chunk has those or `events`, not both.
    """

    label: str | None = None
    events: list[NewEvent] = field(default_factory=list)
    sealed: list[SealedEvent] = field(default_factory=list)
    new: list[NewRow] = field(default_factory=list)
    changed: list[ChangedRow] = field(default_factory=list)
    copies: int = 0
    size: int = 0

    @property
    def deleted(self) -> int:
        return sum(row.digest is None for row in self.changed)

    @property
    def reinterpreted(self) -> int:
        """The number of rows that have not changed in the host but are read in another way."""
        return sum(
            row.digest is not None and same_host_row(row.before, row.digest) for row in self.changed
        )

    @property
    def full(self) -> bool:
        return len(self) >= EVENTS or self.size >= BYTES

    def __len__(self) -> int:
        return len(self.events) + len(self.sealed)

    def add_new(self, event: NewEvent, row: NewRow) -> None:
        """The first event of a stream."""
        self.events.append(event)
        self.new.append(row)
        self.size += len(event.state)

    def add_changed(self, event: NewEvent, row: ChangedRow) -> None:
        """A later event of a stream; its version is found when the log is locked."""
        self.events.append(event._replace(stream_version=_UNKNOWN))
        self.changed.append(row)
        self.size += len(event.state)

    def add_copy(self, event: NewEvent) -> None:
        """The same for a changed copy of a row; the index has no entry for it."""
        self.events.append(event._replace(stream_version=_UNKNOWN))
        self.copies += 1
        self.size += len(event.state)

    def add_sealed(self, events: Iterable[SealedEvent], rows: Iterable[NewRow], size: int) -> None:
        """The first events of streams; `size` is that of their states."""
        self.sealed += events
        self.new += rows
        self.size += size

    def append_to(self, log: Log) -> LogHead:
        """Append the events, in the transaction that is open; returns the log's new end.

        If that fails, the transaction is rolled back.
        """
        if self.sealed:
            return log.append_sealed(self.sealed, savepoint=False)
        return log.append(self.numbered(log), savepoint=False)

    def numbered(self, log: Log) -> list[NewEvent]:
        """The events with their versions, found with the log locked until the transaction ends."""
        waiting = [event.stream_id for event in self.events if event.stream_version == _UNKNOWN]
        if not waiting:
            return self.events
        with log.connection.cursor() as cursor:
            cursor.execute(log.dialect.lock_head)
        versions: dict[UUID, int] = {}
        for first in range(0, len(waiting), _LOOKUPS):
            streams = Event.objects.using(log.using).filter(
                stream_id__in=waiting[first : first + _LOOKUPS]
            )
            versions.update(streams.values_list("stream_id").annotate(Max("stream_version")))
        return [
            event
            if event.stream_version != _UNKNOWN
            else event._replace(stream_version=versions.get(event.stream_id, 0) + 1)
            for event in self.events
        ]
