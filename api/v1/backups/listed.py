"""The columns, filters and ordering of the list of backups."""

from django.db.models import F

from api.v1.backups.filters import NeverRestored, NeverValidated
from api.v1.filters.rows import row_filters
from api.v1.orderings import offered
from projections.mapping.searched import BACKUP_TEXTS
from projections.system_backups.models import BackupLog

FIELDS = (
    *("id", "backup_id", "name", "backup_type", "status", "database_name", "file_path"),
    *("size_bytes", "created_at", "updated_at", "extra", "origin", "version"),
)
COLUMNS = {name: name for name in FIELDS}
ORDERING = offered(BackupLog, COLUMNS)
DEFAULT_ORDERING = ("-created_at",)

BackupFilters = row_filters(
    BackupLog,
    COLUMNS,
    BACKUP_TEXTS,
    (F("created_at"), "Of a backup it is `created_at`."),
    json=frozenset({"extra"}),
    more={
        "never_restored": NeverRestored(label="Whether no restore was made from it."),
        "never_validated": NeverValidated(
            label="Whether no completed or partial restore from it has a `validation`."
        ),
    },
)
