"""The names of restores and backups by their UUIDs, for events that do not contain them."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import IntegerField, QuerySet, Value

from projections.database_management import models as legacy
from projections.system_backups import models as consolidated

AT_ONCE = 500
"""UUIDs in one query."""

_TABLES: tuple[tuple[Any, str], ...] = (
    (legacy.BackupLog, "backup_id"),
    (consolidated.BackupLog, "backup_id"),
    (legacy.RestoreLog, "restore_id"),
    (consolidated.RestoreLog, "restore_id"),
)
"""A name in a later one of them counts."""


def names_of(streams: Collection[UUID]) -> dict[UUID, str]:
    """The present names of these restores and backups; those in no table have none."""
    found: dict[UUID, str] = {}
    wanted = list(dict.fromkeys(streams))
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        first, *others = (
            model._base_manager.filter(**{f"{key}__in": part})
            .exclude(name=None)
            .order_by()
            .values_list(key, "name", Value(rank, output_field=IntegerField()))
            for rank, (model, key) in enumerate(_TABLES)
        )
        named = first.union(*others, all=True)
        found |= {UUID(str(one)): name for one, name, _ in sorted(named, key=lambda row: row[2])}
    return found


def rows_with_id(row_id: int) -> list[QuerySet[Any]]:
    """The UUIDs of the restores and backups whose row has this id: a query for each table."""
    return [
        model._base_manager.filter(pk=row_id).order_by().values_list(key, flat=True)
        for model, key in _TABLES
    ]
