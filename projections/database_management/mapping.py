"""The mapping of the legacy tables: each column's host column, rule and provenance.

Raise `MAPPING_VERSION` with every change to what a row shows; live projections then need a rebuild.

Rows of the host's consolidated tables are never in these tables.
"""

from typing import Final

from projections.mapping.conversions import OF_ITS_BACKUP, to_integer, to_key, to_text, to_time
from projections.mapping.fields import (
    AMENDED_HERE,
    BACKUPS_UUID,
    DERIVED,
    EVENTS_SO_FAR,
    LOGGED,
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
    observed_else,
    usual_sources,
)

MAPPING_VERSION: Final = 3

RESTORES_OF_LEGACY: Final[Fields] = (
    #     host's column       column here            rule           provenance
    Field("id",               "id",                  OWN_ID,        OBSERVED),
    Field("name",             "name",                to_text,       OBSERVED),
    Field("source_backup_id", "source_backup_id",    OWN_BACKUP,    OBSERVED),
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
    Field("id",               "restore_id",          OWN_UUID,      DERIVED),
    Field("source_backup_id", "backup_id",           BACKUPS_UUID,  DERIVED),
    Field("created_by_id",    "created_by_username", USERS_NAME,    DERIVED),
    Field(NONE,               "origin",              WHICH_TABLE,   LOGGED),
    Field(NONE,               "version",             EVENTS_SO_FAR, LOGGED),
    Field(NONE,               "amended",             AMENDED_HERE,  LOGGED),
    Field(OTHERS,             "extra",               THE_REST,      OBSERVED),
)  # fmt: skip

BACKUPS_OF_LEGACY: Final[Fields] = (
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

RESTORE_FIELDS: Final[ByOrigin] = {"legacy": RESTORES_OF_LEGACY}
BACKUP_FIELDS: Final[ByOrigin] = {"legacy": BACKUPS_OF_LEGACY}

RESTORES: Final = columns(RESTORE_FIELDS)
BACKUPS: Final = columns(BACKUP_FIELDS)

HOST_RESTORES: Final = usual_sources(RESTORES_OF_LEGACY)
"""Which columns of the host's legacy restore table usually fill which columns here."""

HOST_BACKUPS: Final = usual_sources(BACKUPS_OF_LEGACY)
"""The same for its legacy backup table."""
