"""The names of the models, apps and fields that a consolidation is about."""

LEGACY_APP = "database_management"
CONSOLIDATED_APP = "system_backups"
RESTORE = "RestoreLog"
BACKUP = "BackupLog"
LEGACY = f"{LEGACY_APP}.{RESTORE}"
CONSOLIDATED = f"{CONSOLIDATED_APP}.{RESTORE}"

OLD_FIELD = "restore_method"
NEW_FIELD = "trigger_type"
ADDED_FIELD = "target_database"
RELATION = "source_backup"


def renamed(lookup: str) -> str:
    """The lookup with the new name of the field: `-restore_method` is `-trigger_type`."""
    sign = lookup[: len(lookup) - len(lookup.lstrip("-+"))]
    head, *rest = lookup[len(sign) :].split("__")
    return sign + "__".join([NEW_FIELD if head == OLD_FIELD else head, *rest])


def lookup_field(lookup: str) -> str:
    """The field that a lookup begins with: `status` of `-status__in`."""
    return lookup.lstrip("-+").split("__")[0]
