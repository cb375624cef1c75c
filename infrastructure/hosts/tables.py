"""The four tables that are read from a host, in the order in which they are read.

Source: the host schema. A column named there is required unless it is optional there.
"""

from dataclasses import dataclass

from domain.restores.values import Origin

COMMON = (
    "id",
    "name",
    "source_backup_id",
    "status",
    "started_at",
    "completed_at",
    "duration_seconds",
    "message",
    "created_by_id",
    "created_at",
    "updated_at",
)
OPTIONAL = frozenset({"source_backup_id", "target_database"})
TIMES = ("started_at", "completed_at", "created_at", "updated_at")
"""The columns that hold a time, as far as the projections know; a backup has the last two."""


@dataclass(frozen=True)
class HostTable:
    """One of the host's tables. `backups` is the table that its `source_backup_id` refers to."""

    name: str
    label: str
    origin: Origin
    required: tuple[str, ...]
    backups: str | None

    @property
    def holds_backups(self) -> bool:
        return self.backups is None


LEGACY_BACKUPS = HostTable(
    "database_management_backuplog", "database_management.BackupLog", "legacy", ("id",), None
)
CONSOLIDATED_BACKUPS = HostTable(
    "system_backups_backuplog", "system_backups.BackupLog", "consolidated", ("id",), None
)
LEGACY_RESTORES = HostTable(
    "database_management_restorelog",
    "database_management.RestoreLog",
    "legacy",
    (*(c for c in COMMON if c not in OPTIONAL), "restore_method"),
    LEGACY_BACKUPS.name,
)
CONSOLIDATED_RESTORES = HostTable(
    "system_backups_restorelog",
    "system_backups.RestoreLog",
    "consolidated",
    (*(c for c in COMMON if c not in OPTIONAL), "restore_type", "trigger_type", "is_overwrite"),
    CONSOLIDATED_BACKUPS.name,
)
HOST_TABLES = (LEGACY_BACKUPS, CONSOLIDATED_BACKUPS, LEGACY_RESTORES, CONSOLIDATED_RESTORES)
