"""The roles: Django groups, and their permissions. Superusers may do everything."""

from typing import Final

READ = "read_restores"
RECORD = "record_restores"
AUDIT = "read_audit"
MIGRATE = "run_migration"

PERMISSIONS: Final = {
    READ: "Can read restores and backups",
    RECORD: "Can record restores and backups",
    AUDIT: "Can read the audit trail and export",
    MIGRATE: "Can import, rebuild, cut over and roll back",
}

ROLES: Final = {
    "viewer": (READ,),
    "operator": (READ, RECORD),
    "auditor": (READ, AUDIT),
    "migrator": (READ, RECORD, MIGRATE),
}
