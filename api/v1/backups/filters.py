"""Filters between restores and backups."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Exists, Model, OuterRef, QuerySet
from drf_spectacular.utils import extend_schema_field

from api.v1.filters import fields, kinds
from infrastructure.databases.asked_once import asked_once
from projections.database_management import models as legacy
from projections.system_backups import models as consolidated

BACKUPS_OF: Mapping[type[Model], Any] = {
    consolidated.RestoreLog: consolidated.BackupLog,
    legacy.RestoreLog: legacy.BackupLog,
}
"""The table of the backups that a table's restores were made from."""
HEX = "[0-9a-fA-F]"
KEY = rf"^(?:-?[0-9]{{1,19}}|{HEX}{{8}}(?:-{HEX}{{4}}){{3}}-{HEX}{{12}})$"


class BackupKeyField(fields.StrictField):
    """A backup's id in the table beside this one, or its UUID."""

    def parse(self, text: str) -> Any:
        for field in (fields.WholeNumberField(), fields.UUIDTextField()):
            try:
                return field.parse(text)
            except ValidationError:
                continue
        raise ValidationError("Give a backup's id or its UUID.", "invalid")


@extend_schema_field({"type": "string", "pattern": KEY})
class OfBackup(kinds.Strict, django_filters.Filter):
    """Restores that were made from one backup."""

    field_class = BackupKeyField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None or isinstance(value, int):
            return qs if value is None else qs.filter(source_backup_id=value)
        backups = BACKUPS_OF.get(qs.model, consolidated.BackupLog)
        found = backups.objects.filter(backup_id=value).values_list("pk", flat=True)
        id = asked_once((backups, value), found.first)
        # A backup that is not in its table is known to its restores only.
        return qs.filter(backup_id=value) if id is None else qs.filter(source_backup_id=id)


class NeverValidated(kinds.Truth):
    """Backups of which no restore that completed, or partly did, had a check."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        checked = Exists(
            consolidated.RestoreLog.objects.filter(
                source_backup_id=OuterRef("pk"),
                status__in=("completed", "partial"),
                validation__isnull=False,
            )
        )
        return qs.filter(~checked if value else checked)


class NeverRestored(kinds.Truth):
    """Backups that no restore was made from."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value is None:
            return qs
        restored = Exists(consolidated.RestoreLog.objects.filter(source_backup_id=OuterRef("pk")))
        return qs.filter(~restored if value else restored)
