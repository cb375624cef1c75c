"""The use cases, one method each: what people and programs ask of the log.

Every method appends to the log and returns what it recorded. Bringing the projections up to it
is the caller's next step, since reading belongs to other packages.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID, uuid4

from django import db
from eventsourcing.persistence import EventStore, IntegrityError, PersistenceError

from domain.administration.events import ClockJumpAccepted, LogAccepted
from domain.aggregate import Aggregate
from domain.backups.backup import Backup
from domain.consolidation.consolidation import CONSOLIDATION_ID, Consolidation
from domain.consolidation.events import CutOver, Verified
from domain.errors import DomainError
from domain.events import Actor, Event
from domain.restores.errors import RestoreNotFound
from domain.restores.restore import Restore
from domain.restores.values import BackupRef, Outcome
from domain.values import Columns
from infrastructure.event_store.acceptances import acceptances
from infrastructure.event_store.errors import NothingToAccept, StreamConflict
from infrastructure.event_store.findings import clock_findings
from infrastructure.event_store.head_file import start_anew
from infrastructure.event_store.log import Log, as_datetime
from infrastructure.event_store.mapper import EventMapper
from infrastructure.event_store.recorder import LogRecorder
from infrastructure.event_store.remembered_heads import lost_heads

Clock = Callable[[], datetime]


class BackupNotFound(DomainError):
    code = "backup_not_found"

    def __init__(self, backup_id: object) -> None:
        super().__init__(f"There is no backup {backup_id} in the log.")


@contextmanager
def _databases_own_errors() -> Iterator[None]:
    """A database that fails is told of by Django's errors, not by the library's in their place."""
    try:
        yield
    except PersistenceError as error:
        if isinstance(error, IntegrityError) or not isinstance(error.__cause__, db.Error):
            raise
        raise error.__cause__ from error.__cause__.__cause__


def utc_now() -> datetime:
    return datetime.now(UTC)


class RestoreLog:
    """Records restores and backups. `clock` is the world's, for times that a caller leaves out."""

    def __init__(self, log: Log | None = None, clock: Clock = utc_now) -> None:
        self.clock = clock
        self.log = log or Log()
        self.events: EventStore[UUID] = EventStore(EventMapper(), LogRecorder(self.log))

    def request_restore(self, *, name: str, actor: Actor, **details: Any) -> Restore:
        """Record that somebody asked for a restore. `details` as for `Restore.request`."""
        backup_id = details.pop("backup_id", None)
        if backup_id is not None:
            details["backup"] = self.backup_ref(backup_id)
        details.setdefault("requested_at", self.clock())
        restore = Restore.request(
            details.pop("restore_id", None) or uuid4(),
            name=name,
            actor=actor,
            id_offset=2 * self.consolidation().id_offset,
            **details,
        )
        self._save(restore)
        return restore

    def start_restore(
        self, restore_id: UUID, *, actor: Actor, started_at: datetime | None = None
    ) -> Restore:
        restore = self.restore(restore_id)
        restore.start(started_at=started_at or self.clock(), actor=actor)
        return self._saved(restore)

    def complete_restore(
        self,
        restore_id: UUID,
        *,
        actor: Actor,
        message: str = "",
        outcome: Outcome = "completed",
        completed_at: datetime | None = None,
    ) -> Restore:
        restore = self.restore(restore_id)
        restore.complete(
            completed_at=completed_at or self.clock(),
            message=message,
            outcome=outcome,
            actor=actor,
        )
        return self._saved(restore)

    def fail_restore(
        self,
        restore_id: UUID,
        *,
        actor: Actor,
        message: str = "",
        failed_at: datetime | None = None,
    ) -> Restore:
        restore = self.restore(restore_id)
        restore.fail(failed_at=failed_at or self.clock(), message=message, actor=actor)
        return self._saved(restore)

    def cancel_restore(
        self,
        restore_id: UUID,
        *,
        actor: Actor,
        message: str = "",
        cancelled_at: datetime | None = None,
    ) -> Restore:
        restore = self.restore(restore_id)
        restore.cancel(cancelled_at=cancelled_at or self.clock(), message=message, actor=actor)
        return self._saved(restore)

    def amend_restore(
        self,
        restore_id: UUID,
        changes: Columns,
        *,
        actor: Actor,
        reason: str,
        backup_id: UUID | None = None,
    ) -> Restore:
        """Correct columns of a restore's row. `backup_id` is the new source backup, if any."""
        restore = self.restore(restore_id)
        backup = None
        if backup_id is not None:
            backup = self.backup_ref(backup_id)
            changes = {**changes, "source_backup_id": backup.consolidated}
        restore.amend(changes, amended_at=self.clock(), actor=actor, reason=reason, backup=backup)
        return self._saved(restore)

    def register_backup(self, *, name: str, actor: Actor, **details: Any) -> Backup:
        """Record that a backup exists. `details` as for `Backup.register`."""
        details.setdefault("registered_at", self.clock())
        backup = Backup.register(
            details.pop("backup_id", None) or uuid4(),
            name=name,
            actor=actor,
            id_offset=2 * self.consolidation().id_offset,
            **details,
        )
        self._save(backup)
        return backup

    def restore(self, restore_id: UUID) -> Restore:
        """The restore as the log has it; `RestoreNotFound` if it has not."""
        events = self._stream(restore_id)
        if not events:
            raise RestoreNotFound(restore_id)
        return Restore.from_events(restore_id, events)

    def backup_ref(self, backup_id: UUID) -> BackupRef:
        """How an event names this backup; `BackupNotFound` if the log has none such."""
        events = self._stream(backup_id)
        if not events:
            raise BackupNotFound(backup_id)
        backup = Backup.from_events(backup_id, events)
        return BackupRef(
            backup_id=backup_id, legacy=backup.legacy_id, consolidated=backup.consolidated_id
        )

    def consolidation(self) -> Consolidation:
        """The consolidation process; a new one if nothing was recorded about it yet."""
        return Consolidation.from_events(CONSOLIDATION_ID, self._stream(CONSOLIDATION_ID))

    def cut_overs(self) -> list[CutOver]:
        """Every cut-over that there has been, oldest first."""
        return [event for event in self._stream(CONSOLIDATION_ID) if isinstance(event, CutOver)]

    def certificates(self) -> set[str]:
        """The SHA-256 of every certificate that was issued, whatever it says."""
        stream = self._stream(CONSOLIDATION_ID)
        return {event.certificate for event in stream if isinstance(event, Verified)}

    def record(self, consolidation: Consolidation) -> None:
        """Append what the consolidation has decided. Joins the caller's transaction."""
        self._save(consolidation)

    def certify(self, *, actor: Actor, **facts: Any) -> Consolidation:
        """Record that a certificate was issued. `facts` as for `Consolidation.certify`."""
        consolidation = self.consolidation()
        consolidation.certify(actor=actor, **facts)
        self._save(consolidation)
        return consolidation

    def accept_clock_jump(self, *, actor: Actor, reason: str | None) -> ClockJumpAccepted:
        """Accept that the log's time is ahead of the clock; `NothingToAccept` if it is not."""
        found = clock_findings(self.log)
        if not found:
            raise NothingToAccept("the log's time is not ahead of the clock, or was accepted")
        accepted, head = acceptances(self.log), self.log.head()
        accepted.accept_clock_jump(
            until=as_datetime(head.recorded_at),
            ahead_seconds=max((head.recorded_at - self.log.clock()) // 1_000_000, 0),
            log_position=head.position,
            chain_head=head.hash.hex(),
            actor=actor,
            reason=reason,
        )
        (event,) = self._save(accepted)
        assert isinstance(event, ClockJumpAccepted)
        return event

    def accept_log(self, *, actor: Actor, reason: str | None) -> LogAccepted:
        """Accept the log as it is, whatever was remembered of it, and remember that instead.

        Raises `NothingToAccept` if all that is remembered is in it.
        """
        lost, head = lost_heads(self.log), self.log.head()
        if not lost:
            raise NothingToAccept("all that is remembered of the log is in it")
        accepted = acceptances(self.log)
        accepted.accept_log(
            lost=lost,
            log_position=head.position,
            chain_head=head.hash.hex(),
            actor=actor,
            reason=reason,
        )
        (event,) = self._save(accepted)
        start_anew(self.log)
        assert isinstance(event, LogAccepted)
        return event

    def _stream(self, stream_id: UUID) -> list[Event]:
        with _databases_own_errors():
            return list(cast("Iterable[Event]", self.events.get(stream_id)))

    def _save(self, aggregate: Aggregate) -> list[Event]:
        events = aggregate.collect_events()
        try:
            with _databases_own_errors():
                self.events.put(events)
        except IntegrityError as error:
            raise StreamConflict(aggregate.id, aggregate.version) from error
        return events

    def _saved(self, restore: Restore) -> Restore:
        self._save(restore)
        return restore
