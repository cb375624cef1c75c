"""The mapping of the consolidated tables: each column's host column, rule and provenance.

This is the plan's field mapping. A legacy row's `restore_method` is this table's `trigger_type`.
Values for which the legacy table has no column are assumed, and a target database that the host
left empty is derived.

Raise `MAPPING_VERSION` with every change to what a row shows; live projections then need a rebuild.
"""

from typing import Final

from projections.mapping.conversions import (
    OF_ITS_BACKUP_IF_EMPTY,
    to_boolean,
    to_integer,
    to_key,
    to_text,
    to_time,
)
from projections.mapping.fields import (
    AMENDED_HERE,
    BACKUPS_UUID,
    CHECKED_HERE,
    COUNTED_HERE,
    DERIVED,
    EVENTS_SO_FAR,
    LOGGED,
    MOVED_BACKUP,
    MOVED_ID,
    NONE,
    OBSERVED,
    OTHERS,
    OWN_BACKUP,
    OWN_ID,
    OWN_UUID,
    THE_REST,
    USERS_NAME,
    WHICH_TABLE,
    ByOrigin,
    Field,
    Fields,
    columns,
    else_assumed,
    observed_else,
    usual_sources,
)

MAPPING_VERSION: Final = 3

NAMED_OR_DERIVED: Final = observed_else(OF_ITS_BACKUP_IF_EMPTY)

RESTORES_OF_LEGACY: Final[Fields] = (
    #     host's column       column here            rule           provenance
    Field("id",               "id",                  MOVED_ID,      DERIVED),
    Field("name",             "name",                to_text,       OBSERVED),
    Field("source_backup_id", "source_backup_id",    MOVED_BACKUP,  DERIVED),
    Field("status",           "status",              to_text,       OBSERVED),
    Field("restore_type",     "restore_type",        to_text,       else_assumed("database")),
    Field("restore_method",   "trigger_type",        to_text,       OBSERVED),
    Field("target_database",  "target_database",     to_text,       NAMED_OR_DERIVED),
    Field("is_overwrite",     "is_overwrite",        to_boolean,    else_assumed(False)),
    Field("started_at",       "started_at",          to_time,       OBSERVED),
    Field("completed_at",     "completed_at",        to_time,       OBSERVED),
    Field("duration_seconds", "duration_seconds",    to_integer,    OBSERVED),
    Field("message",          "message",             to_text,       OBSERVED),
    Field("created_by_id",    "created_by_id",       to_key,        OBSERVED),
    Field("created_at",       "created_at",          to_time,       OBSERVED),
    Field("updated_at",       "updated_at",          to_time,       OBSERVED),
    Field("id",               "restore_id",          OWN_UUID,      DERIVED),
    Field("source_backup_id", "backup_id",           BACKUPS_UUID,  DERIVED),
    Field("created_by_id",    "created_by_username", USERS_NAME,    DERIVED),
    Field(NONE,               "origin",              WHICH_TABLE,   LOGGED),
    Field(NONE,               "version",             EVENTS_SO_FAR, LOGGED),
    Field(NONE,               "amended",             AMENDED_HERE,  LOGGED),
    Field(OTHERS,             "extra",               THE_REST,      OBSERVED),
    Field(NONE,               "validation",          CHECKED_HERE,  LOGGED),
    Field(NONE,               "warnings_count",      COUNTED_HERE,  LOGGED),
)  # fmt: skip

RESTORES_OF_CONSOLIDATED: Final[Fields] = (
    #     host's column       column here            rule           provenance
    Field("id",               "id",                  OWN_ID,        OBSERVED),
    Field("name",             "name",                to_text,       OBSERVED),
    Field("source_backup_id", "source_backup_id",    OWN_BACKUP,    OBSERVED),
    Field("status",           "status",              to_text,       OBSERVED),
    Field("restore_type",     "restore_type",        to_text,       OBSERVED),
    Field("trigger_type",     "trigger_type",        to_text,       OBSERVED),
    Field("target_database",  "target_database",     to_text,       NAMED_OR_DERIVED),
    Field("is_overwrite",     "is_overwrite",        to_boolean,    OBSERVED),
    Field("started_at",       "started_at",          to_time,       OBSERVED),
    Field("completed_at",     "completed_at",        to_time,       OBSERVED),
    Field("duration_seconds", "duration_seconds",    to_integer,    OBSERVED),
    Field("message",          "message",             to_text,       OBSERVED),
    Field("created_by_id",    "created_by_id",       to_key,        OBSERVED),
    Field("created_at",       "created_at",          to_time,       OBSERVED),
    Field("updated_at",       "updated_at",          to_time,       OBSERVED),
    Field("id",               "restore_id",          OWN_UUID,      DERIVED),
    Field("source_backup_id", "backup_id",           BACKUPS_UUID,  DERIVED),
    Field("created_by_id",    "created_by_username", USERS_NAME,    DERIVED),
    Field(NONE,               "origin",              WHICH_TABLE,   LOGGED),
    Field(NONE,               "version",             EVENTS_SO_FAR, LOGGED),
    Field(NONE,               "amended",             AMENDED_HERE,  LOGGED),
    Field(OTHERS,             "extra",               THE_REST,      OBSERVED),
    Field(NONE,               "validation",          CHECKED_HERE,  LOGGED),
    Field(NONE,               "warnings_count",      COUNTED_HERE,  LOGGED),
)  # fmt: skip

BACKUPS_OF_LEGACY: Final[Fields] = (
    #     host's column       column here            rule           provenance
    Field("id",               "id",                  MOVED_ID,      DERIVED),
    Field("name",             "name",                to_text,       OBSERVED),
    Field("backup_type",      "backup_type",         to_text,       OBSERVED),
    Field("status",           "status",              to_text,       OBSERVED),
    Field("database_name",    "database_name",       to_text,       OBSERVED),
    Field("file_path",        "file_path",           to_text,       OBSERVED),
    Field("size_bytes",       "size_bytes",          to_integer,    OBSERVED),
    Field("created_at",       "created_at",          to_time,       OBSERVED),
    Field("updated_at",       "updated_at",          to_time,       OBSERVED),
    Field("id",               "backup_id",           OWN_UUID,      DERIVED),
    Field(NONE,               "origin",              WHICH_TABLE,   LOGGED),
    Field(NONE,               "version",             EVENTS_SO_FAR, LOGGED),
    Field(OTHERS,             "extra",               THE_REST,      OBSERVED),
)  # fmt: skip

BACKUPS_OF_CONSOLIDATED: Final[Fields] = (
    #     host's column       column here            rule           provenance
    Field("id",               "id",                  OWN_ID,        OBSERVED),
    Field("name",             "name",                to_text,       OBSERVED),
    Field("backup_type",      "backup_type",         to_text,       OBSERVED),
    Field("status",           "status",              to_text,       OBSERVED),
    Field("database_name",    "database_name",       to_text,       OBSERVED),
    Field("file_path",        "file_path",           to_text,       OBSERVED),
    Field("size_bytes",       "size_bytes",          to_integer,    OBSERVED),
    Field("created_at",       "created_at",          to_time,       OBSERVED),
    Field("updated_at",       "updated_at",          to_time,       OBSERVED),
    Field("id",               "backup_id",           OWN_UUID,      DERIVED),
    Field(NONE,               "origin",              WHICH_TABLE,   LOGGED),
    Field(NONE,               "version",             EVENTS_SO_FAR, LOGGED),
    Field(OTHERS,             "extra",               THE_REST,      OBSERVED),
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
"""The same for the backup tables, which have the same columns."""
