"""Events of backups, as far as restores need them."""

from datetime import datetime
from typing import ClassVar

from domain.events import Event
from domain.restores.values import CheckResult, Origin
from domain.values import Columns, Sources


class BackupEvent(Event, frozen=True, kw_only=True):
    """Something that happened to a backup."""


class BackupRegistered(BackupEvent, frozen=True, kw_only=True):
    """A backup was registered here. Its row's id, in both tables, is `id_offset` + position.

    `checksum` is `sha256:` and the digest of the stored file in hexadecimal, and `format` says how
    it was made; both are empty if nobody said. `contents` maps what is in it, such as tables, to
    the number of rows, or to null if they were not counted.
    """

    TOPIC: ClassVar[str] = "backup.Registered"
    SCHEMA_VERSION: ClassVar[int] = 2
    id_offset: int
    name: str
    backup_type: str
    status: str
    database_name: str
    file_path: str
    size_bytes: int | None
    registered_at: datetime
    checksum: str
    format: str
    contents: dict[str, int | None]


class BackupExpired(BackupEvent, frozen=True, kw_only=True):
    """A backup registered here can no longer be restored from: it was deleted, or is too old."""

    TOPIC: ClassVar[str] = "backup.Expired"
    expired_at: datetime
    message: str


class BackupVerified(BackupEvent, frozen=True, kw_only=True):
    """A backup registered here was checked.

    `check` says which check; `output` is the end of what it printed, without secrets.
    """

    TOPIC: ClassVar[str] = "backup.Verified"
    verified_at: datetime
    result: CheckResult
    check: str
    output: str


class HostBackupRow(BackupEvent, frozen=True, kw_only=True):
    """A host's backup row as it was read: see `domain.restores.events.HostRow`."""

    SCHEMA_VERSION: ClassVar[int] = 2
    origin: Origin
    legacy_id: int | None
    consolidated_id: int
    columns: Columns
    derived: Columns
    assumed: Columns
    sources: Sources


class BackupImported(HostBackupRow, frozen=True, kw_only=True):
    """A backup was found in the host for the first time."""

    TOPIC: ClassVar[str] = "backup.Imported"


class BackupChangedInHost(HostBackupRow, frozen=True, kw_only=True):
    """An imported backup has changed in the host."""

    TOPIC: ClassVar[str] = "backup.ChangedInHost"


class BackupReturnedToHost(HostBackupRow, frozen=True, kw_only=True):
    """A backup that had vanished from the host is there again."""

    TOPIC: ClassVar[str] = "backup.ReturnedToHost"


class BackupReinterpreted(HostBackupRow, frozen=True, kw_only=True):
    """A backup that has not changed in the host is now read in another way."""

    TOPIC: ClassVar[str] = "backup.Reinterpreted"
    SCHEMA_VERSION: ClassVar[int] = 1


class BackupCopyChangedInHost(HostBackupRow, frozen=True, kw_only=True):
    """The copy of a legacy backup that a migration of the host made has changed there.

    Its fields are those of `domain.restores.events.RestoreCopyChangedInHost`.
    """

    TOPIC: ClassVar[str] = "backup.CopyChangedInHost"
    SCHEMA_VERSION: ClassVar[int] = 1
    copy_columns: Columns


class BackupVanishedFromHost(BackupEvent, frozen=True, kw_only=True):
    """An imported backup is no longer in the host."""

    TOPIC: ClassVar[str] = "backup.VanishedFromHost"


EVENTS: tuple[type[BackupEvent], ...] = (
    BackupRegistered,
    BackupExpired,
    BackupVerified,
    BackupImported,
    BackupChangedInHost,
    BackupReturnedToHost,
    BackupReinterpreted,
    BackupCopyChangedInHost,
    BackupVanishedFromHost,
)
