"""The legacy tables, column by column: which host column fills each, by which rule, how surely.

Whoever changes what a row shows raises `MAPPING_VERSION`; live projections then ask for a rebuild.

Rows of the host's consolidated tables never stand here.
"""

from typing import Final

from projections.mapping.conversions import OF_ITS_BACKUP, to_integer, to_key, to_text, to_time
from projections.mapping.fields import (
    DERIVED,
    LOGGED,
    NONE,
    OBSERVED,
    OTHERS,
    ByOrigin,
    Field,
    Fields,
    columns,
    observed_else,
    usual_sources,
)
from projections.mapping.row_rules import (
    amended_here,
    backups_uuid,
    events_so_far,
    own_backup,
    own_id,
    own_uuid,
    the_rest,
    users_name,
    which_table,
)

MAPPING_VERSION: Final = 2

RESTORES_OF_LEGACY: Final[Fields] = (
    #     host's column       column here            rule           provenance
    Field("id",               "id",                  own_id,        OBSERVED),
    Field("name",             "name",                to_text,       OBSERVED),
    Field("source_backup_id", "source_backup_id",    own_backup,    OBSERVED),
    Field("status",           "status",              to_text,       OBSERVED),
    Field("restore_method",   "restore_method",      to_text,       OBSERVED),
    Field("target_database",  "target_database",     to_text,       observed_else(OF_ITS_BACKUP)),
    Field("started_at",       "started_at",          to_time,       OBSERVED),
    Field("completed_at",     "completed_at",        to_time,       OBSERVED),
    Field("duration_seconds", "duration_seconds",    to_integer,    OBSERVED),
    Field("message",          "message",             to_text,       OBSERVED),
    Field("created_by_id",    "created_by_id",       to_key,        OBSERVED),
    Field("created_at",       "created_at",          to_time,       OBSERVED),
    Field("updated_at",       "updated_at",          to_time,       OBSERVED),
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
    Field("id",               "id",                  own_id,        OBSERVED),
    Field("name",             "name",                to_text,       OBSERVED),
    Field("backup_type",      "backup_type",         to_text,       OBSERVED),
    Field("status",           "status",              to_text,       OBSERVED),
    Field("database_name",    "database_name",       to_text,       OBSERVED),
    Field("file_path",        "file_path",           to_text,       OBSERVED),
    Field("size_bytes",       "size_bytes",          to_integer,    OBSERVED),
    Field("created_at",       "created_at",          to_time,       OBSERVED),
    Field("updated_at",       "updated_at",          to_time,       OBSERVED),
    Field("id",               "backup_id",           own_uuid,      DERIVED),
    Field(NONE,               "origin",              which_table,   LOGGED),
    Field(NONE,               "version",             events_so_far, LOGGED),
    Field(OTHERS,             "extra",               the_rest,      OBSERVED),
)  # fmt: skip

RESTORE_FIELDS: Final[ByOrigin] = {"legacy": RESTORES_OF_LEGACY}
BACKUP_FIELDS: Final[ByOrigin] = {"legacy": BACKUPS_OF_LEGACY}

RESTORES: Final = columns(RESTORE_FIELDS)
BACKUPS: Final = columns(BACKUP_FIELDS)

HOST_RESTORES: Final = usual_sources(RESTORES_OF_LEGACY)
"""Which columns of the host's legacy restore table usually fill which columns here."""

HOST_BACKUPS: Final = usual_sources(BACKUPS_OF_LEGACY)
"""The same of its legacy backup table."""
