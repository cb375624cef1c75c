"""The names of restores and backups by their UUIDs, for events that do not contain them."""

from collections.abc import Collection
from uuid import UUID

from projections.database_management import models as legacy
from projections.system_backups import models as consolidated

AT_ONCE = 500
"""UUIDs in one query."""

_TABLES = (
    (consolidated.RestoreLog, "restore_id"),
    (legacy.RestoreLog, "restore_id"),
    (consolidated.BackupLog, "backup_id"),
    (legacy.BackupLog, "backup_id"),
)


def names_of(streams: Collection[UUID]) -> dict[UUID, str]:
    """The present names of these restores and backups; those in no table have none."""
    found: dict[UUID, str] = {}
    wanted = list(dict.fromkeys(streams))
    for start in range(0, len(wanted), AT_ONCE):
        for model, key in _TABLES:
            left = [one for one in wanted[start : start + AT_ONCE] if one not in found]
            if left:
                rows = model._base_manager.filter(**{f"{key}__in": left}).exclude(name=None)
                found |= {UUID(str(one)): name for one, name in rows.values_list(key, "name")}
    return found
