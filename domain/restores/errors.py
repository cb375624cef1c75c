"""Errors of restores."""

from datetime import datetime
from uuid import UUID

from domain.errors import DomainError


class RestoreNotFound(DomainError):
    code = "restore_not_found"

    def __init__(self, restore_id: object) -> None:
        super().__init__(f"There is no restore {restore_id} in the log.")


class RestoreExists(DomainError):
    code = "restore_exists"

    def __init__(self, restore_id: UUID) -> None:
        super().__init__(
            f"The log already has something with the id {restore_id}. A new restore needs a new "
            "id; leave it out, and the service chooses one."
        )


class RestoreChanged(DomainError):
    """The restore is not at the version that the client had seen."""

    code = "restore_changed"

    def __init__(self, restore_id: UUID, version: int) -> None:
        super().__init__(
            f"Restore {restore_id} is at version {version} now: something was recorded since it "
            "was read. Nothing was changed. Read it again, and decide again."
        )


class EndBeforeStart(DomainError):
    code = "end_before_start"

    def __init__(self, restore_id: UUID, started_at: datetime, ended_at: datetime) -> None:
        super().__init__(
            f"Restore {restore_id} started at {started_at:%Y-%m-%dT%H:%M:%S.%fZ}, so it cannot "
            f"have ended at {ended_at:%Y-%m-%dT%H:%M:%S.%fZ}. Amend the start if that is wrong."
        )


class RestoreTooLong(DomainError):
    code = "restore_too_long"

    def __init__(self, restore_id: UUID, started_at: datetime) -> None:
        super().__init__(
            f"Restore {restore_id} started at {started_at:%Y-%m-%dT%H:%M:%SZ}: more than 68 years "
            "cannot be recorded as its duration. Amend the start if that is wrong."
        )


class RestoreNotPending(DomainError):
    code = "restore_not_pending"

    def __init__(self, restore_id: UUID, status: str) -> None:
        super().__init__(
            f"Restore {restore_id} is {status}; only a pending restore can be started."
        )


class RestoreNotRunning(DomainError):
    code = "restore_not_running"

    def __init__(self, restore_id: UUID, status: str) -> None:
        self.facts = {"restore_status": status}
        super().__init__(f"Restore {restore_id} is {status}, and this needs a restore in progress.")


class RestoreFinished(DomainError):
    code = "restore_finished"

    def __init__(self, restore_id: UUID, status: str) -> None:
        super().__init__(f"Restore {restore_id} is already {status}; it cannot be cancelled.")


class RestoreBelongsToHost(DomainError):
    code = "restore_belongs_to_host"

    def __init__(self, restore_id: UUID) -> None:
        super().__init__(
            f"Restore {restore_id} was imported: the host runs it. It can be amended here, "
            "not started, finished or cancelled."
        )


class ColumnNotAmendable(DomainError):
    code = "column_not_amendable"

    def __init__(self, column: str, amendable: frozenset[str]) -> None:
        super().__init__(
            f"Column {column!r} cannot be amended. Amendable: {', '.join(sorted(amendable))}."
        )


class NothingToAmend(DomainError):
    code = "nothing_to_amend"

    def __init__(self, restore_id: UUID) -> None:
        super().__init__(f"No change was given for restore {restore_id}; name at least one column.")


class BackupNotNamed(DomainError):
    code = "backup_not_named"

    def __init__(self, restore_id: UUID) -> None:
        super().__init__(
            f"To correct the source backup of restore {restore_id}, name the backup itself, since "
            "each table has its own id for it."
        )


class RestoreNotCompleted(DomainError):
    code = "restore_not_completed"

    def __init__(self, restore_id: UUID, status: str) -> None:
        super().__init__(
            f"Restore {restore_id} is {status}; only the data of a completed restore can be "
            "validated."
        )


class StartMissing(DomainError):
    """A restore that is over is recorded, without the time at which it started."""

    code = "start_missing"

    def __init__(self) -> None:
        super().__init__(
            "The restore ended, so it started: say when, in `started_at`. Only one that was "
            "cancelled, or could not be started (cause `not_started`), has no start."
        )


class WarningsMiscounted(DomainError):
    """More warnings are listed than were counted, or a count is impossible."""

    code = "warnings_miscounted"

    def __init__(self, listed: int, counted: int) -> None:
        super().__init__(f"{listed} warnings are listed, and {counted} were counted.")
