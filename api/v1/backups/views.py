"""Reading backups."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView

from api.v1.filters.backend import StrictParameters
from api.v1.filters.rows import row_filters
from api.v1.rows import CutTexts, StoredJSON, heads, weight
from projections.system_backups.models import BackupLog

FIELDS = (
    *("id", "backup_id", "name", "backup_type", "status", "database_name", "file_path"),
    *("size_bytes", "created_at", "updated_at", "extra", "origin", "version"),
)


class BackupSerializer(CutTexts, serializers.ModelSerializer):
    """One backup."""

    routes = {"extra": "v1:backup-extra"}

    extra = StoredJSON(help_text="Columns of the host beyond those named here, verbatim.")

    class Meta:
        model = BackupLog
        fields = FIELDS
        read_only_fields = FIELDS


@extend_schema_view(get=extend_schema(operation_id="backups_list", tags=["backups"]))
class BackupList(StrictParameters, ListAPIView):
    """Backups of every origin, from the consolidated table; the latest created first."""

    queryset = heads(BackupLog, message=0)
    weight = staticmethod(weight)
    serializer_class = BackupSerializer
    filterset_class = row_filters(
        BackupLog,
        {name: name for name in FIELDS},
        ("name", "database_name", "file_path"),
        json=frozenset({"extra"}),
    )
    ordering_fields = {name: name for name in FIELDS if name != "extra"}
    default_ordering = ("-created_at",)
