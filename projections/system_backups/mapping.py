"""The consolidated tables, column by column: which host column fills each, by which rule.

This is the plan's field mapping. A legacy row's `restore_method` is this table's `trigger_type`;
what the legacy table has no column for is assumed, and a target database that the host left empty
is derived.

Whoever changes what a row shows raises `MAPPING_VERSION`; live projections then ask for a rebuild.
"""

from typing import Final

from projections.fields import (
    DERIVED,
    LOGGED,
    NONE,
    OBSERVED,
    OTHERS,
    ByOrigin,
    Field,
    Fields,
    columns,
    else_assumed,
    observed_else,
    usual_sources,
)
from projections.row_rules import (
    amended_here,
    backups_uuid,
    events_so_far,
    moved_backup,
    moved_id,
    own_backup,
    own_id,
    own_uuid,
    the_rest,
    users_name,
    which_table,
)
from projections.rules import OF_ITS_BACKUP_IF_EMPTY, boolean, integer, key, text, time

MAPPING_VERSION: Final = 2

NAMED_OR_DERIVED: Final = observed_else(OF_ITS_BACKUP_IF_EMPTY)

RESTORES_OF_LEGACY: Final[Fields] = (
    #     host's column       column here            rule           provenance
    Field("id",               "id",                  moved_id,      DERIVED),
    Field("name",             "name",                text,          OBSERVED),
    Field("source_backup_id", "source_backup_id",    moved_backup,  DERIVED),
    Field("status",           "status",              text,          OBSERVED),
    Field("restore_type",     "restore_type",        text,          else_assumed("database")),
    Field("restore_method",   "trigger_type",        text,          OBSERVED),
    Field("target_database",  "target_database",     text,          NAMED_OR_DERIVED),
    Field("is_overwrite",     "is_overwrite",        boolean,       else_assumed(False)),
    Field("started_at",       "started_at",          time,          OBSERVED),
    Field("completed_at",     "completed_at",        time,          OBSERVED),
    Field("duration_seconds", "duration_seconds",    integer,       OBSERVED),
    Field("message",          "message",             text,          OBSERVED),
    Field("created_by_id",    "created_by_id",       key,           OBSERVED),
    Field("created_at",       "created_at",          time,          OBSERVED),
    Field("updated_at",       "updated_at",          time,          OBSERVED),
    Field("id",               "restore_id",          own_uuid,      DERIVED),
    Field("source_backup_id", "backup_id",           backups_uuid,  DERIVED),
    Field("created_by_id",    "created_by_username", users_name,    DERIVED),
    Field(NONE,               "origin",              which_table,   LOGGED),
    Field(NONE,               "version",             events_so_far, LOGGED),
    Field(NONE,               "amended",             amended_here,  LOGGED),
    Field(OTHERS,             "extra",               the_rest,      OBSERVED),
)  # fmt: skip

RESTORES_OF_CONSOLIDATED: Final[Fields] = (
    #     host's column       column here            rule           provenance
    Field("id",               "id",                  own_id,        OBSERVED),
    Field("name",             "name",                text,          OBSERVED),
    Field("source_backup_id", "source_backup_id",    own_backup,    OBSERVED),
    Field("status",           "status",              text,          OBSERVED),
    Field("restore_type",     "restore_type",        text,          OBSERVED),
    Field("trigger_type",     "trigger_type",        text,          OBSERVED),
    Field("target_database",  "target_database",     text,          NAMED_OR_DERIVED),
    Field("is_overwrite",     "is_overwrite",        boolean,       OBSERVED),
    Field("started_at",       "started_at",          time,          OBSERVED),
    Field("completed_at",     "completed_at",        time,          OBSERVED),
    Field("duration_seconds", "duration_seconds",    integer,       OBSERVED),
    Field("message",          "message",             text,          OBSERVED),
    Field("created_by_id",    "created_by_id",       key,           OBSERVED),
    Field("created_at",       "created_at",          time,          OBSERVED),
    Field("updated_at",       "updated_at",          time,          OBSERVED),
    Field("id",               "restore_id",          own_uuid,      DERIVED),
    Field("source_backup_id", "backup_id",           backups_uuid,  DERIVED),
    Field("created_by_id",    "created_by_username", users_name,    DERIVED),
    Field(NONE,               "origin",              which_table,   LOGGED),
    Field(NONE,               "version",             events_so_far, LOGGED),
    Field(NONE,               "amended",             amended_here,  LOGGED),
    Field(OTHERS,             "extra",               the_rest,      OBSERVED),
)  # fmt: skip

BACKUPS_OF_LEGACY: Final[Fields] = (
    #     host's column       column here            rule           provenance
    Field("id",               "id",                  moved_id,      DERIVED),
    Field("name",             "name",                text,          OBSERVED),
    Field("backup_type",      "backup_type",         text,          OBSERVED),
    Field("status",           "status",              text,          OBSERVED),
    Field("database_name",    "database_name",       text,          OBSERVED),
    Field("file_path",        "file_path",           text,          OBSERVED),
    Field("size_bytes",       "size_bytes",          integer,       OBSERVED),
    Field("created_at",       "created_at",          time,          OBSERVED),
    Field("updated_at",       "updated_at",          time,          OBSERVED),
    Field("id",               "backup_id",           own_uuid,      DERIVED),
    Field(NONE,               "origin",              which_table,   LOGGED),
    Field(NONE,               "version",             events_so_far, LOGGED),
    Field(OTHERS,             "extra",               the_rest,      OBSERVED),
)  # fmt: skip

BACKUPS_OF_CONSOLIDATED: Final[Fields] = (
    #     host's column       column here            rule           provenance
    Field("id",               "id",                  own_id,        OBSERVED),
    Field("name",             "name",                text,          OBSERVED),
    Field("backup_type",      "backup_type",         text,          OBSERVED),
    Field("status",           "status",              text,          OBSERVED),
    Field("database_name",    "database_name",       text,          OBSERVED),
    Field("file_path",        "file_path",           text,          OBSERVED),
    Field("size_bytes",       "size_bytes",          integer,       OBSERVED),
    Field("created_at",       "created_at",          time,          OBSERVED),
    Field("updated_at",       "updated_at",          time,          OBSERVED),
    Field("id",               "backup_id",           own_uuid,      DERIVED),
    Field(NONE,               "origin",              which_table,   LOGGED),
    Field(NONE,               "version",             events_so_far, LOGGED),
    Field(OTHERS,             "extra",               the_rest,      OBSERVED),
)  # fmt: skip

RESTORE_FIELDS: Final[ByOrigin] = {
    "legacy": RESTORES_OF_LEGACY,
    "consolidated": RESTORES_OF_CONSOLIDATED,
}
BACKUP_FIELDS: Final[ByOrigin] = {
    "legacy": BACKUPS_OF_LEGACY,
    "consolidated": BACKUPS_OF_CONSOLIDATED,
}

RESTORES: Final = columns(RESTORE_FIELDS)
BACKUPS: Final = columns(BACKUP_FIELDS)

HOST_RESTORES: Final = {origin: usual_sources(fields) for origin, fields in RESTORE_FIELDS.items()}
"""Which columns of the host's restore tables usually fill which columns here, by origin."""

HOST_BACKUPS: Final = usual_sources(BACKUPS_OF_LEGACY)
"""The same of the backup tables, which are alike."""
