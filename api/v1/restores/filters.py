"""The filters, search and ordering of restores."""

from api.v1.filters.rows import row_filters
from api.v1.restores.serializers import FIELDS, LEGACY_FIELDS
from projections.database_management.models import RestoreLog as LegacyRestore
from projections.system_backups.models import RestoreLog

COLUMN_OF = {"source_backup": "source_backup_id", "created_by": "created_by_id"}
"""The parameters whose names differ from their columns."""

SEARCHED = ("name", "message", "target_database", "created_by_username")
NOT_ORDERED = frozenset({"message", "extra"})
"""Columns that are too long for a cursor."""

NO_COLUMN = "attributes"
"""They are in `extra`, and filtered there."""

COLUMNS = {name: COLUMN_OF.get(name, name) for name in FIELDS if name != NO_COLUMN}
LEGACY_COLUMNS = {name: COLUMN_OF.get(name, name) for name in LEGACY_FIELDS if name != NO_COLUMN}
ORDERING = {name: column for name, column in COLUMNS.items() if name not in NOT_ORDERED}
LEGACY_ORDERING = {n: column for n, column in LEGACY_COLUMNS.items() if n not in NOT_ORDERED}

RestoreFilters = row_filters(
    RestoreLog, COLUMNS, SEARCHED, json=frozenset({"extra"}), said_here="extra"
)
LegacyRestoreFilters = row_filters(
    LegacyRestore, LEGACY_COLUMNS, SEARCHED, json=frozenset({"extra"}), said_here="extra"
)
