"""Events of restores.

Times in an event are those of the real world, in UTC. The events based on `HostRow` contain a host
row verbatim; the others were recorded by this service.
"""

from datetime import datetime
from typing import ClassVar

from domain.events import Event
from domain.restores.values import (
    BackupRef,
    CheckResult,
    FailureCause,
    Origin,
    Outcome,
    RestoreType,
    TriggerType,
)
from domain.values import Columns, Sources


class RestoreEvent(Event, frozen=True, kw_only=True):
    """Something that happened to a restore."""


class RestoreRequested(RestoreEvent, frozen=True, kw_only=True):
    """A restore was requested. Its row's id, in both tables, is `id_offset` + position.

    `attributes` are whatever else the client says of it. If it was `recorded_afterwards`, the whole
    restore was over when it was recorded: its times are what somebody remembered.
    """

    TOPIC: ClassVar[str] = "restore.Requested"
    SCHEMA_VERSION: ClassVar[int] = 2
    id_offset: int
    name: str
    backup: BackupRef | None
    restore_type: RestoreType
    trigger_type: TriggerType
    target_database: str
    is_overwrite: bool
    requested_by: str | None
    requested_by_username: str | None
    requested_at: datetime
    message: str
    attributes: Columns
    recorded_afterwards: bool


class RestoreStarted(RestoreEvent, frozen=True, kw_only=True):
    """The restore command started.

    `command` is its command line, without secrets, and `host` is where it runs; they are empty if
    nobody said. A program that watches it sends a heartbeat every `heartbeat_seconds`.
    """

    TOPIC: ClassVar[str] = "restore.Started"
    SCHEMA_VERSION: ClassVar[int] = 2
    started_at: datetime
    command: str
    host: str
    heartbeat_seconds: int | None


class RestoreProgressed(RestoreEvent, frozen=True, kw_only=True):
    """The restore command has come this far: `percent` of the whole, in this `phase`."""

    TOPIC: ClassVar[str] = "restore.Progressed"
    progressed_at: datetime
    percent: float | None
    phase: str


class RestoreCompleted(RestoreEvent, frozen=True, kw_only=True):
    """The restore command succeeded, fully or in part (`outcome`).

    `warnings_count` is the number of its warnings, and `warnings` are the first of them; the count
    is null if nobody counted. `output` is the end of what it printed, without secrets.
    """

    TOPIC: ClassVar[str] = "restore.Completed"
    SCHEMA_VERSION: ClassVar[int] = 2
    completed_at: datetime
    outcome: Outcome
    message: str
    warnings: tuple[str, ...]
    warnings_count: int | None
    exit_code: int | None
    output: str


class RestoreFailed(RestoreEvent, frozen=True, kw_only=True):
    """The restore command failed. `message` is what it reported.

    The `cause` `interrupted` means that whoever watched the command is gone, so that its outcome is
    not known: an end that is reported later replaces this one. `signal` is the name of the signal
    that ended it. `errors` are kept apart from `warnings`.
    """

    TOPIC: ClassVar[str] = "restore.Failed"
    SCHEMA_VERSION: ClassVar[int] = 2
    failed_at: datetime
    message: str
    cause: FailureCause
    exit_code: int | None
    signal: str | None
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    warnings_count: int | None
    output: str


class RestoreCancelled(RestoreEvent, frozen=True, kw_only=True):
    """Somebody cancelled the restore, before or while it ran."""

    TOPIC: ClassVar[str] = "restore.Cancelled"
    SCHEMA_VERSION: ClassVar[int] = 2
    cancelled_at: datetime
    message: str
    signal: str | None
    output: str


class RestoreValidated(RestoreEvent, frozen=True, kw_only=True):
    """The restored data was checked. That is another thing than the restore's own outcome.

    `check` says which check; `output` is the end of what it printed, without secrets.
    """

    TOPIC: ClassVar[str] = "restore.Validated"
    validated_at: datetime
    result: CheckResult
    check: str
    exit_code: int | None
    output: str


class RestoreAmended(RestoreEvent, frozen=True, kw_only=True):
    """Somebody corrected values of the row.

    `changes` maps columns of the consolidated table to their new values; `backup` is the new
    one if `source_backup_id` is among them. From here on these values override the host's.
    """

    TOPIC: ClassVar[str] = "restore.Amended"
    amended_at: datetime
    changes: Columns
    backup: BackupRef | None


class HostRow(RestoreEvent, frozen=True, kw_only=True):
    """A host row as it was read.

    `columns` has every column, verbatim: these values are *observed*. `derived` has values
    computed from other data (a missing `target_database` from the backup, the instant of a naive
    local time). `assumed` has values for which the host has no column, or an ambiguous one. Both
    use the target columns' names, are frozen here, and override `columns` where a projection
    needs a value. `sources` says which host columns fill a target column, if not the one of the
    usual name: the first that is not null; an empty list means none. `legacy_id` and
    `consolidated_id` are the row's ids in the two tables; `username` is the name of `created_by`
    when the row was read.
    """

    SCHEMA_VERSION: ClassVar[int] = 2
    origin: Origin
    legacy_id: int | None
    consolidated_id: int
    columns: Columns
    derived: Columns
    assumed: Columns
    sources: Sources
    backup: BackupRef | None
    username: str | None


class RestoreImported(HostRow, frozen=True, kw_only=True):
    """A row was found in the host for the first time."""

    TOPIC: ClassVar[str] = "restore.Imported"


class RestoreChangedInHost(HostRow, frozen=True, kw_only=True):
    """An imported row has changed in the host."""

    TOPIC: ClassVar[str] = "restore.ChangedInHost"


class RestoreReturnedToHost(HostRow, frozen=True, kw_only=True):
    """A row that had vanished from the host is there again."""

    TOPIC: ClassVar[str] = "restore.ReturnedToHost"


class RestoreReinterpreted(HostRow, frozen=True, kw_only=True):
    """A row that has not changed in the host is now read in another way.

    The choice of columns or the time zone was changed, or the service has a newer version.
    """

    TOPIC: ClassVar[str] = "restore.Reinterpreted"
    SCHEMA_VERSION: ClassVar[int] = 1


class RestoreCopyChangedInHost(HostRow, frozen=True, kw_only=True):
    """The copy of a legacy row that a migration of the host made has changed there.

    `copy_columns` is the copy as it was read, verbatim. `columns` is the legacy row as it was last
    read, with the values of the copy in its place.
    """

    TOPIC: ClassVar[str] = "restore.CopyChangedInHost"
    SCHEMA_VERSION: ClassVar[int] = 1
    copy_columns: Columns


class RestoreVanishedFromHost(RestoreEvent, frozen=True, kw_only=True):
    """An imported row is no longer in the host."""

    TOPIC: ClassVar[str] = "restore.VanishedFromHost"


EVENTS: tuple[type[RestoreEvent], ...] = (
    RestoreRequested,
    RestoreStarted,
    RestoreProgressed,
    RestoreCompleted,
    RestoreFailed,
    RestoreCancelled,
    RestoreValidated,
    RestoreAmended,
    RestoreImported,
    RestoreChangedInHost,
    RestoreReturnedToHost,
    RestoreReinterpreted,
    RestoreCopyChangedInHost,
    RestoreVanishedFromHost,
)
