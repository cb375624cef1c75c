"""Events of restores.

Times in an event are those of the real world, in UTC. The events based on `HostRow` contain a host
row verbatim; the others were recorded by this service.
"""

from datetime import datetime
from typing import ClassVar

from domain.events import Event
from domain.restores.values import BackupRef, Origin, Outcome, RestoreType, TriggerType
from domain.values import Columns, Sources


class RestoreEvent(Event, frozen=True, kw_only=True):
    """Something that happened to a restore."""


class RestoreRequested(RestoreEvent, frozen=True, kw_only=True):
    """A restore was requested. Its row's id, in both tables, is `id_offset` + position."""

    TOPIC: ClassVar[str] = "restore.Requested"
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


class RestoreStarted(RestoreEvent, frozen=True, kw_only=True):
    """The restore command started."""

    TOPIC: ClassVar[str] = "restore.Started"
    started_at: datetime


class RestoreCompleted(RestoreEvent, frozen=True, kw_only=True):
    """The restore command succeeded, fully or in part (`outcome`)."""

    TOPIC: ClassVar[str] = "restore.Completed"
    completed_at: datetime
    outcome: Outcome
    message: str


class RestoreFailed(RestoreEvent, frozen=True, kw_only=True):
    """The restore command failed. `message` is what it reported."""

    TOPIC: ClassVar[str] = "restore.Failed"
    failed_at: datetime
    message: str


class RestoreCancelled(RestoreEvent, frozen=True, kw_only=True):
    """Somebody cancelled the restore, before or while it ran."""

    TOPIC: ClassVar[str] = "restore.Cancelled"
    cancelled_at: datetime
    message: str


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


class RestoreVanishedFromHost(RestoreEvent, frozen=True, kw_only=True):
    """An imported row is no longer in the host."""

    TOPIC: ClassVar[str] = "restore.VanishedFromHost"


EVENTS: tuple[type[RestoreEvent], ...] = (
    RestoreRequested,
    RestoreStarted,
    RestoreCompleted,
    RestoreFailed,
    RestoreCancelled,
    RestoreAmended,
    RestoreImported,
    RestoreChangedInHost,
    RestoreReturnedToHost,
    RestoreReinterpreted,
    RestoreVanishedFromHost,
)
