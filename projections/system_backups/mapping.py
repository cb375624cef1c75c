"""The consolidated tables, column by column: which host column fills each, and by which rule.

Whoever changes what a row shows raises `MAPPING_VERSION`; live projections then ask for a rebuild.

Not in these tables because they need more than one value:
`id` is the event's consolidated_id (observed; for a legacy row offset + id, so derived),
`source_backup_id` and `backup_id` are the event's backup, by its consolidated id and its UUID,
`created_by_username` is the name of `created_by_id` when the row was read,
`extra` is every host column that `HOST_…` does not name.
"""

from typing import Final

from projections.mapping import Column
from projections.rules import boolean, integer, key, text, time

MAPPING_VERSION: Final = 1

RESTORES: Final = (
    #      target column       rule     of a legacy row     of a consolidated row
    Column("name",             text,    "name",             "name"),
    Column("status",           text,    "status",           "status"),
    Column("restore_type",     text,    "restore_type",     "restore_type"),   # legacy: assumed
    Column("trigger_type",     text,    "restore_method",   "trigger_type"),
    Column("target_database",  text,    "target_database",  "target_database"),  # or derived
    Column("is_overwrite",     boolean, "is_overwrite",     "is_overwrite"),   # legacy: assumed
    Column("started_at",       time,    "started_at",       "started_at"),
    Column("completed_at",     time,    "completed_at",     "completed_at"),
    Column("duration_seconds", integer, "duration_seconds", "duration_seconds"),
    Column("message",          text,    "message",          "message"),
    Column("created_by_id",    key,     "created_by_id",    "created_by_id"),
    Column("created_at",       time,    "created_at",       "created_at"),
    Column("updated_at",       time,    "updated_at",       "updated_at"),
)  # fmt: skip

BACKUPS: Final = (
    #      target column    rule     of a legacy row  of a consolidated row
    Column("name",          text,    "name",          "name"),
    Column("backup_type",   text,    "backup_type",   "backup_type"),
    Column("status",        text,    "status",        "status"),
    Column("database_name", text,    "database_name", "database_name"),
    Column("file_path",     text,    "file_path",     "file_path"),
    Column("size_bytes",    integer, "size_bytes",    "size_bytes"),
    Column("created_at",    time,    "created_at",    "created_at"),
    Column("updated_at",    time,    "updated_at",    "updated_at"),
)  # fmt: skip

_ALIKE = {"id", "name", "source_backup_id", "status", "target_database", "started_at",
          "completed_at", "duration_seconds", "message", "created_by_id", "created_at",
          "updated_at"}  # fmt: skip

HOST_RESTORES: Final = {
    "legacy": frozenset(_ALIKE | {"restore_method"}),
    "consolidated": frozenset(_ALIKE | {"restore_type", "trigger_type", "is_overwrite"}),
}
"""The columns of the host's restore tables that have columns here, by the row's origin."""

HOST_BACKUPS: Final = frozenset({"id", *(column.target for column in BACKUPS)})
"""The same of the backup tables, whose named columns are alike."""
