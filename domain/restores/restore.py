"""The restore aggregate: its commands, and the rules for them."""

from datetime import UTC, datetime, timedelta
from typing import Any, Self, Unpack
from uuid import UUID

from domain.aggregate import Aggregate
from domain.consolidation.errors import ReasonMissing
from domain.errors import DomainError
from domain.events import About, Actor
from domain.moments import moment
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
from domain.restores.rules import (
    ALLOWED,
    LONGEST_SECONDS,
    RestoreCommand,
    RestoreState,
)
from domain.restores.values import BackupRef, Outcome, RestoreType, Status, TriggerType
from domain.times import read_time
from domain.values import Columns, Tagged, Value, chosen_value

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
    """One restore of a database or of files, from its request to its end.

    Every command takes the time at which it happened in the world; without it, `now`, which is the
    service's clock. With `now`, a time too far ahead of it is refused with `TimeInFuture`. A
    command that the state does not allow raises the error that `refusal` names.
    """

    def __init__(self, id: UUID) -> None:
        super().__init__(id)
        self.status: str = Status.PENDING
        self.imported = False
        self.started_at: datetime | None = None

    @property
    def state(self) -> RestoreState:
        """What decides which commands are allowed: see `domain.restores.rules`."""
        if self.imported:
            return RestoreState.OF_THE_HOST
        try:
            return RestoreState(Status(self.status))
        except ValueError:
            return RestoreState.ANOTHER_WORD

    @classmethod
    def request(
        cls,
        restore_id: UUID,
        *,
        actor: Actor,
        id_offset: int,
        name: str,
        requested_at: datetime | None = None,
        restore_type: RestoreType = "database",
        trigger_type: TriggerType = "manual",
        target_database: str = "",
        is_overwrite: bool = False,
        backup: BackupRef | None = None,
        requested_by: str | None = None,
        message: str = "",
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> Self:
        """A new restore, pending. `id_offset` is twice the log's recorded id offset."""
        restore = cls(restore_id)
        restore.record(
            RestoreRequested,
            actor=actor,
            about=about,
            id_offset=id_offset,
            name=name,
            backup=backup,
            restore_type=restore_type,
            trigger_type=trigger_type,
            target_database=target_database,
            is_overwrite=is_overwrite,
            requested_by=requested_by,
            requested_by_username=actor,
            requested_at=moment(restore_id, requested_at, now),
            message=message,
        )
        return restore

    def start(
        self,
        *,
        actor: Actor,
        started_at: datetime | None = None,
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        self._admit(RestoreCommand.START)
        at = moment(self.id, started_at, now)
        self.record(RestoreStarted, started_at=at, actor=actor, about=about)

    def complete(
        self,
        *,
        actor: Actor,
        completed_at: datetime | None = None,
        message: str = "",
        outcome: Outcome = "completed",
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        self._admit(RestoreCommand.COMPLETE)
        self.record(
            RestoreCompleted,
            completed_at=self._end(completed_at, now),
            outcome=outcome,
            message=message,
            actor=actor,
            about=about,
        )

    def fail(
        self,
        *,
        actor: Actor,
        failed_at: datetime | None = None,
        message: str = "",
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        self._admit(RestoreCommand.FAIL)
        at = self._end(failed_at, now)
        self.record(RestoreFailed, failed_at=at, message=message, actor=actor, about=about)

    def cancel(
        self,
        *,
        actor: Actor,
        cancelled_at: datetime | None = None,
        message: str = "",
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        self._admit(RestoreCommand.CANCEL)
        at = self._end(cancelled_at, now)
        self.record(RestoreCancelled, cancelled_at=at, message=message, actor=actor, about=about)

    def amend(
        self,
        changes: Columns,
        *,
        actor: Actor,
        amended_at: datetime | None = None,
        backup: BackupRef | None = None,
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        """Correct columns of the row, whatever its origin and status; a reason is required.

        A new `source_backup_id` needs the `backup`; without it the id can only become null.
        """
        self._admit(RestoreCommand.AMEND)
        if not (about.get("reason") or "").strip():
            raise ReasonMissing("Amending a restore")
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
            amended_at=moment(self.id, amended_at, now),
            actor=actor,
            about=about,
        )

    def when(self, event: Any) -> None:
        match event:
            case HostRow():
                self.imported = True
                self.status = str(chosen_value(event.columns, event.sources, "status", "status"))
            case RestoreStarted():
                self.status, self.started_at = Status.IN_PROGRESS, event.started_at
            case RestoreCompleted():
                self.status = event.outcome
            case RestoreFailed():
                self.status = Status.FAILED
            case RestoreCancelled():
                self.status = Status.CANCELLED
            case RestoreAmended():
                self.status = str(event.changes.get("status", self.status))
                if "started_at" in event.changes:
                    self.started_at = _as_time(event.changes["started_at"])

    def refusal(self, command: RestoreCommand) -> DomainError | None:
        """Why the state does not allow this command; None if it does."""
        if self.state in ALLOWED[command]:
            return None
        if self.state is RestoreState.OF_THE_HOST:
            return errors.RestoreBelongsToHost(self.id)
        match command:
            case RestoreCommand.START:
                return errors.RestoreNotPending(self.id, self.status)
            case RestoreCommand.CANCEL:
                return errors.RestoreFinished(self.id, self.status)
        return errors.RestoreNotRunning(self.id, self.status)

    def _admit(self, command: RestoreCommand) -> None:
        refused = self.refusal(command)
        if refused is not None:
            raise refused

    def _end(self, given: datetime | None, now: datetime | None) -> datetime:
        """When it ended: not before it started."""
        at = moment(self.id, given, now)
        if self.started_at is not None:
            if at < self.started_at:
                raise errors.EndBeforeStart(self.id, self.started_at, at)
            if at - self.started_at > timedelta(seconds=LONGEST_SECONDS):
                raise errors.RestoreTooLong(self.id, self.started_at)
        return at


def _as_time(value: Value) -> datetime | None:
    """An amended time, in UTC unless it says otherwise; None if it is not a time."""
    if not isinstance(value, Tagged) or value.kind != "time":
        return None
    found = read_time(value.v)
    try:
        if found is None or found.tzinfo is None:
            return None if found is None else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except OverflowError:
        return None
