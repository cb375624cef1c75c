"""The restore aggregate: its commands, and the rules for them."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from domain.aggregate import Aggregate
from domain.events import Actor
from domain.restores import errors
from domain.restores.events import (
    HostRow,
    RestoreAmended,
    RestoreCancelled,
    RestoreCompleted,
    RestoreFailed,
    RestoreRequested,
    RestoreStarted,
)
from domain.restores.values import BackupRef, Outcome, RestoreType, Status, TriggerType
from domain.values import Columns, chosen_value

AMENDABLE = frozenset(
    {
        "name",
        "source_backup_id",
        "status",
        "trigger_type",
        "target_database",
        "is_overwrite",
        "started_at",
        "completed_at",
        "duration_seconds",
        "message",
    }
)
"""Columns that a person may correct. Not `restore_type`, which decides the row's tables."""


class Restore(Aggregate):
    """One restore of a database or of files, from its request to its end."""

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.status: str = Status.PENDING
        self.imported = False

    @classmethod
    def request(
        cls,
        restore_id: UUID,
        *,
        actor: Actor,
        id_offset: int,
        name: str,
        requested_at: datetime,
        restore_type: RestoreType = "database",
        trigger_type: TriggerType = "manual",
        target_database: str = "",
        is_overwrite: bool = False,
        backup: BackupRef | None = None,
        requested_by: str | None = None,
        message: str = "",
        reason: str | None = None,
    ) -> Self:
        """A new restore, pending. `id_offset` is twice the log's recorded id offset."""
        restore = cls(restore_id)
        restore.record(
            RestoreRequested,
            actor=actor,
            reason=reason,
            id_offset=id_offset,
            name=name,
            backup=backup,
            restore_type=restore_type,
            trigger_type=trigger_type,
            target_database=target_database,
            is_overwrite=is_overwrite,
            requested_by=requested_by,
            requested_by_username=actor,
            requested_at=requested_at,
            message=message,
        )
        return restore

    def start(self, *, started_at: datetime, actor: Actor) -> None:
        self._refuse_if_imported()
        if self.status != Status.PENDING:
            raise errors.RestoreNotPending(self.id, self.status)
        self.record(RestoreStarted, started_at=started_at, actor=actor)

    def complete(
        self,
        *,
        completed_at: datetime,
        message: str,
        actor: Actor,
        outcome: Outcome = "completed",
    ) -> None:
        self._refuse_unless_running()
        self.record(
            RestoreCompleted,
            completed_at=completed_at,
            outcome=outcome,
            message=message,
            actor=actor,
        )

    def fail(self, *, failed_at: datetime, message: str, actor: Actor) -> None:
        self._refuse_unless_running()
        self.record(RestoreFailed, failed_at=failed_at, message=message, actor=actor)

    def cancel(self, *, cancelled_at: datetime, message: str, actor: Actor) -> None:
        self._refuse_if_imported()
        if self.status not in (Status.PENDING, Status.IN_PROGRESS):
            raise errors.RestoreFinished(self.id, self.status)
        self.record(RestoreCancelled, cancelled_at=cancelled_at, message=message, actor=actor)

    def amend(
        self,
        changes: Columns,
        *,
        amended_at: datetime,
        actor: Actor,
        reason: str,
        backup: BackupRef | None = None,
    ) -> None:
        """Correct columns of the row, whatever its origin and status; a reason is required.

        A new `source_backup_id` needs the `backup`; without it the id can only become null.
        """
        if not changes:
            raise errors.NothingToAmend(self.id)
        for column in changes:
            if column not in AMENDABLE:
                raise errors.ColumnNotAmendable(column, AMENDABLE)
        if changes.get("source_backup_id") is not None and backup is None:
            raise errors.BackupNotNamed(self.id)
        self.record(
            RestoreAmended,
            changes=changes,
            backup=backup,
            amended_at=amended_at,
            actor=actor,
            reason=reason,
        )

    def when(self, event: Any) -> None:
        match event:
            case HostRow():
                self.imported = True
                self.status = str(chosen_value(event.columns, event.sources, "status", "status"))
            case RestoreStarted():
                self.status = Status.IN_PROGRESS
            case RestoreCompleted():
                self.status = event.outcome
            case RestoreFailed():
                self.status = Status.FAILED
            case RestoreCancelled():
                self.status = Status.CANCELLED
            case RestoreAmended():
                self.status = str(event.changes.get("status", self.status))

    def _refuse_if_imported(self) -> None:
        if self.imported:
            raise errors.RestoreBelongsToHost(self.id)

    def _refuse_unless_running(self) -> None:
        self._refuse_if_imported()
        if self.status != Status.IN_PROGRESS:
            raise errors.RestoreNotRunning(self.id, self.status)
