"""The filters, search and ordering of restores."""

from api.v1.backups.filters import OfBackup
from api.v1.filters.rows import row_filters
from api.v1.orderings import COUNTING, offered
from api.v1.restores.ever import Ever
from api.v1.restores.present import NAME as PRESENT
from api.v1.restores.present import Present
from api.v1.restores.run_by import RunBy
from api.v1.restores.serializers import FIELDS, LEGACY_FIELDS
from projections.database_management.models import RestoreLog as LegacyRestore
from projections.mapping.counting_moment import COUNTS_AT
from projections.mapping.searched import RESTORE_TEXTS
from projections.system_backups.models import RestoreLog

COLUMN_OF = {"source_backup": "source_backup_id", "created_by": "created_by_id"}
"""The parameters whose names differ from their columns."""

NO_COLUMN = "attributes"
"""They are in `extra`, and filtered there."""

COLUMNS = {name: COLUMN_OF.get(name, name) for name in FIELDS if name != NO_COLUMN}
LEGACY_COLUMNS = {name: COLUMN_OF.get(name, name) for name in LEGACY_FIELDS if name != NO_COLUMN}
ORDERING = offered(RestoreLog, {**COLUMNS, COUNTING: COUNTING})
LEGACY_ORDERING = offered(LegacyRestore, {**LEGACY_COLUMNS, COUNTING: COUNTING})
BY_INTERVAL = (f"-{COUNTING}",)
"""The order of a list of an interval: the latest that ended, or began if it runs, first."""
MOMENT = (COUNTS_AT, "Of a restore it is its end, or its start while it runs.")

OF_BACKUP = "Made from this backup: its id in the table beside this one, or its UUID."

RestoreFilters = row_filters(
    RestoreLog,
    COLUMNS,
    RESTORE_TEXTS,
    MOMENT,
    json=frozenset({"extra"}),
    more={
        "backup": OfBackup(label=OF_BACKUP),
        "ever": Ever(label="Had this status at any time, such as failed."),
        PRESENT: Present(),
        "run_by": RunBy(
            label="Run by this person: who recorded its start, or on whose behalf. Only restores "
            "recorded here have one."
        ),
    },
)
LegacyRestoreFilters = row_filters(
    LegacyRestore,
    LEGACY_COLUMNS,
    RESTORE_TEXTS,
    MOMENT,
    json=frozenset({"extra"}),
    more={"backup": OfBackup(label=OF_BACKUP)},
)
