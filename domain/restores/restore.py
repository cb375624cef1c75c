"""The restore aggregate: its commands, and the rules for them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self, Unpack
from uuid import UUID

from domain.aggregate import Aggregate
from domain.consolidation.errors import ReasonMissing
from domain.errors import DomainError
from domain.events import About, Actor
from domain.moments import world_time
from domain.restores import errors
from domain.restores.attributes import as_columns
from domain.restores.events import (
    HostRow,
    RestoreAmended,
    RestoreCancelled,
    RestoreCompleted,
    RestoreFailed,
    RestoreProgressed,
    RestoreRequested,
    RestoreStarted,
    RestoreValidated,
)
from domain.restores.rules import (
    ALLOWED,
    LONGEST_SECONDS,
    RestoreCommand,
    RestoreState,
)
from domain.restores.values import (
    BackupRef,
    CheckResult,
    FailureCause,
    Outcome,
    RestoreType,
    Status,
    TriggerType,
)
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


LONGEST = timedelta(seconds=LONGEST_SECONDS)

BY_CAUSE = {
    "not_started": RestoreCommand.NOT_STARTED,
    "interrupted": RestoreCommand.INTERRUPT,
}
"""The causes of a failure that other states allow than the rest."""


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
        self.interrupted = False
        """Whether its end is only a guess, since whoever watched it is gone."""

    @property
    def state(self) -> RestoreState:
        """What decides which commands are allowed: see `domain.restores.rules`."""
        if self.imported:
            return RestoreState.OF_THE_HOST
        if self.interrupted:
            return RestoreState.INTERRUPTED
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
        attributes: Mapping[str, object] | None = None,
        recorded_afterwards: bool = False,
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> Self:
        """A new restore, pending. `id_offset` is twice the log's recorded id offset.

        Raises `AttributeInvalid` for attributes that a row cannot show.
        """
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
            requested_at=world_time(restore_id, requested_at, now),
            message=message,
            attributes=as_columns(attributes or {}),
            recorded_afterwards=recorded_afterwards,
        )
        return restore

    def start(
        self,
        *,
        actor: Actor,
        started_at: datetime | None = None,
        command: str = "",
        host: str = "",
        heartbeat_seconds: int | None = None,
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        self._admit(RestoreCommand.START)
        self.record(
            RestoreStarted,
            started_at=world_time(self.id, started_at, now),
            command=command,
            host=host,
            heartbeat_seconds=heartbeat_seconds,
            actor=actor,
            about=about,
        )

    def progress(
        self,
        *,
        actor: Actor,
        at: datetime | None = None,
        percent: float | None = None,
        phase: str = "",
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        self._admit(RestoreCommand.PROGRESS)
        self.record(
            RestoreProgressed,
            progressed_at=world_time(self.id, at, now),
            percent=percent,
            phase=phase,
            actor=actor,
            about=about,
        )

    def complete(
        self,
        *,
        actor: Actor,
        completed_at: datetime | None = None,
        message: str = "",
        outcome: Outcome = "completed",
        warnings: Sequence[str] = (),
        warnings_count: int | None = None,
        exit_code: int | None = None,
        output: str = "",
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        self._admit(RestoreCommand.COMPLETE)
        self.record(
            RestoreCompleted,
            completed_at=self._end(completed_at, now),
            outcome=outcome,
            message=message,
            warnings=tuple(warnings),
            warnings_count=_counted(warnings, warnings_count),
            exit_code=exit_code,
            output=output,
            actor=actor,
            about=about,
        )

    def fail(
        self,
        *,
        actor: Actor,
        failed_at: datetime | None = None,
        message: str = "",
        cause: FailureCause = "error",
        exit_code: int | None = None,
        signal: str | None = None,
        errors: Sequence[str] = (),
        warnings: Sequence[str] = (),
        warnings_count: int | None = None,
        output: str = "",
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        self._admit(BY_CAUSE.get(cause, RestoreCommand.FAIL))
        self.record(
            RestoreFailed,
            failed_at=self._end(failed_at, now),
            message=message,
            cause=cause,
            exit_code=exit_code,
            signal=signal,
            errors=tuple(errors),
            warnings=tuple(warnings),
            warnings_count=_counted(warnings, warnings_count),
            output=output,
            actor=actor,
            about=about,
        )

    def interrupt(
        self,
        *,
        actor: Actor,
        last_seen: datetime,
        message: str = "",
        output: str = "",
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        """Record that whoever watched it is gone, and was last seen then.

        It ends then, or as near to it as its start allows, which somebody may have amended.
        """
        self._admit(RestoreCommand.INTERRUPT)
        self.record(
            RestoreFailed,
            failed_at=self._nearest_end(last_seen),
            message=message,
            cause="interrupted",
            exit_code=None,
            signal=None,
            errors=(),
            warnings=(),
            warnings_count=None,
            output=output,
            actor=actor,
            about=about,
        )

    def cancel(
        self,
        *,
        actor: Actor,
        cancelled_at: datetime | None = None,
        message: str = "",
        signal: str | None = None,
        output: str = "",
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        self._admit(RestoreCommand.CANCEL)
        self.record(
            RestoreCancelled,
            cancelled_at=self._end(cancelled_at, now),
            message=message,
            signal=signal,
            output=output,
            actor=actor,
            about=about,
        )

    def validate(
        self,
        *,
        actor: Actor,
        result: CheckResult,
        validated_at: datetime | None = None,
        check: str = "",
        exit_code: int | None = None,
        output: str = "",
        now: datetime | None = None,
        **about: Unpack[About],
    ) -> None:
        """Record whether the restored data was found to be right. The last check counts."""
        self._admit(RestoreCommand.VALIDATE)
        self.record(
            RestoreValidated,
            validated_at=world_time(self.id, validated_at, now),
            result=result,
            check=check,
            exit_code=exit_code,
            output=output,
            actor=actor,
            about=about,
        )

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
            amended_at=world_time(self.id, amended_at, now),
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
                self.status, self.interrupted = event.outcome, False
            case RestoreFailed():
                self.status, self.interrupted = Status.FAILED, event.cause == "interrupted"
            case RestoreCancelled():
                self.status, self.interrupted = Status.CANCELLED, False
            case RestoreAmended():
                if "status" in event.changes:
                    self.status, self.interrupted = str(event.changes["status"]), False
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
            case RestoreCommand.VALIDATE:
                return errors.RestoreNotCompleted(self.id, self.status)
        return errors.RestoreNotRunning(self.id, self.status)

    def _admit(self, command: RestoreCommand) -> None:
        refused = self.refusal(command)
        if refused is not None:
            raise refused

    def _end(self, given: datetime | None, now: datetime | None) -> datetime:
        """When it ended: not before it started."""
        at = world_time(self.id, given, now)
        if self.started_at is not None:
            if at < self.started_at:
                raise errors.EndBeforeStart(self.id, self.started_at, at)
            if at - self.started_at > LONGEST:
                raise errors.RestoreTooLong(self.id, self.started_at)
        return at

    def _nearest_end(self, at: datetime) -> datetime:
        """The time nearest to this one at which it can have ended."""
        if self.started_at is None:
            return at
        if at - self.started_at > LONGEST:
            return self.started_at + LONGEST
        return max(at, self.started_at)


def _counted(warnings: Sequence[str], counted: int | None) -> int | None:
    """How many warnings there were; None if nobody counted or listed any."""
    if counted is None:
        return len(warnings) or None
    if counted < len(warnings):
        raise errors.WarningsMiscounted(len(warnings), counted)
    return counted


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
