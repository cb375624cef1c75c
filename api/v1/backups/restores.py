"""The restores that were made from a backup."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView

from api.v1.backups.views import backup_row
from api.v1.filters.backend import StrictParameters
from api.v1.restores import filters, serializers
from api.v1.rows import heads, weight
from projections.system_backups.models import BackupLog, RestoreLog


@extend_schema_view(get=extend_schema(operation_id="backups_restores_list", tags=["backups"]))
class BackupRestores(StrictParameters, ListAPIView):
    """Every restore that was made from a backup, the latest created first.

    The backup is named by its id in the consolidated table or by its UUID.
    """

    queryset = heads(RestoreLog)
    weight = staticmethod(weight)
    serializer_class = serializers.RestoreInListSerializer
    filterset_class = filters.RestoreFilters
    ordering_fields = filters.ORDERING
    default_ordering = ("-created_at",)
    interval_ordering = filters.BY_INTERVAL

    def get_queryset(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset()
        if "id" not in self.kwargs:
            return rows  # while the schema is made
        backup = backup_row(BackupLog.objects.only("pk"), self.kwargs["id"])
        return rows.filter(source_backup_id=backup.pk)
