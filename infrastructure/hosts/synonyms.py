"""The target columns that a host's columns fill, their types, and their synonyms.

A column of the target's own name is taken without a question. Otherwise a target with exactly one
fitting candidate among its synonyms takes that one. `IN_ORDER` lists synonyms that complement each
other: the first that is not null is used. A user decides all other cases.
"""

from typing import Final, Literal

from infrastructure.hosts.schema import Family

Kind = Literal["text", "integer", "boolean", "time", "key", "person"]
"""A target's type. `key` is a whole number that names a row; `person` is a key of any type."""

FITTING: Final[dict[Kind, frozenset[Family]]] = {
    "text": frozenset({"text"}),
    "integer": frozenset({"int"}),
    "boolean": frozenset({"bool", "int"}),
    "time": frozenset({"time"}),
    "key": frozenset({"int"}),
    "person": frozenset({"int", "text", "raw", "bytes"}),
}
"""The declared families of columns that can fill a target of this kind."""

_ROW: Final[dict[str, Kind]] = {
    "name": "text",
    "status": "text",
    "created_at": "time",
    "updated_at": "time",
}
RESTORE_TARGETS: Final[dict[str, Kind]] = {
    **_ROW,
    "source_backup_id": "key",
    "target_database": "text",
    "started_at": "time",
    "completed_at": "time",
    "duration_seconds": "integer",
    "message": "text",
    "created_by_id": "person",
    "restore_type": "text",
    "trigger_type": "text",
    "is_overwrite": "boolean",
}
LEGACY_TARGETS: Final[dict[str, Kind]] = {**RESTORE_TARGETS, "restore_method": "text"}
BACKUP_TARGETS: Final[dict[str, Kind]] = {
    **_ROW,
    "backup_type": "text",
    "database_name": "text",
    "file_path": "text",
    "size_bytes": "integer",
}

_ROW_SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("title", "label"),
    "status": ("state",),
    "created_at": ("created", "created_on", "date_created"),
    "updated_at": ("updated", "updated_on", "modified", "modified_at", "date_modified"),
}
RESTORE_SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    **_ROW_SYNONYMS,
    "source_backup_id": ("backup_id", "backup_log_id", "source_backup_log_id"),
    "target_database": ("target_db", "target_database_name"),
    "started_at": ("started", "start_time"),
    "completed_at": ("completed", "finished_at", "ended_at", "end_time"),
    "duration_seconds": ("duration_secs", "elapsed_seconds"),
    "message": ("log", "log_message", "output", "details"),
    "created_by_id": ("user_id", "owner_id", "requested_by_id"),
    "is_overwrite": ("overwrite", "overwrite_existing"),
    "trigger_type": ("trigger",),
    "restore_method": ("method",),
}
BACKUP_SYNONYMS: Final[dict[str, tuple[str, ...]]] = {
    **_ROW_SYNONYMS,
    "database_name": ("db_name", "database"),
    "file_path": ("local_path", "cloud_url", "path", "backup_path", "storage_path"),
    "size_bytes": ("file_size", "file_size_bytes", "backup_size_bytes"),
}
VOCABULARY: Final[dict[str, frozenset[str]]] = {
    "restore_type": frozenset({"database", "files", "full", "custom"}),
    "trigger_type": frozenset({"manual", "automatic", "recovery"}),
}
"""The values of a column of the consolidated table. The plan's legacy table has no such column: one
of that name is taken to mean the same only if it has no other values."""

IN_ORDER: Final[dict[str, tuple[str, ...]]] = {"file_path": ("local_path", "cloud_url")}
"""Synonyms that do not compete: the first that is not null fills the target."""
