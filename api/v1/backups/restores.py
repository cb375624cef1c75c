"""The restores that were made from a backup."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from api.v1.backups.views import backup_row
from api.v1.restores.listed import ListedRestores
from api.v1.restores.views import LIST_AS_OF
from projections.system_backups.models import BackupLog


@extend_schema_view(
    get=extend_schema(
        operation_id="backups_restores_list", tags=["backups"], parameters=[LIST_AS_OF]
    )
)
class BackupRestores(ListedRestores):
    """Every restore that was made from a backup, the latest created first.

    The backup is named by its id in the consolidated table or by its UUID.
    """

    def chosen(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if "id" not in self.kwargs:
            return rows  # while the schema is made
        backup = backup_row(BackupLog.objects.only("pk"), self.kwargs["id"])
        return rows.filter(source_backup_id=backup.pk)
