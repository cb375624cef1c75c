"""Reading and registering backups."""

from http import HTTPStatus

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1 import idempotency
from api.v1.backups.bodies import RegisterBody
from api.v1.filters.rows import row_filters
from api.v1.folded import folded_row
from api.v1.recording import Recording, answered, documented
from api.v1.rows import CutTexts, StoredJSON, heads, weight
from domain.backups.backup import Backup
from projections.services import record
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


class BackupRecordedSerializer(BackupSerializer):
    """A backup as the log has it after a command."""

    position = serializers.IntegerField(
        required=False, help_text="Only with 202: what the tables have to reach."
    )

    class Meta(BackupSerializer.Meta):
        fields = (*FIELDS, "position")
        read_only_fields = FIELDS


def backup_answer(request: Request, backup: Backup, status: int) -> idempotency.Recorded:
    """The answer: the backup's row by its own events."""
    row = folded_row(backup, BackupLog._meta.label)
    shown = BackupRecordedSerializer(row, context={"request": request}).data
    return idempotency.Recorded(shown, backup.version, backup.events[-1].position, status)


@extend_schema_view(get=extend_schema(operation_id="backups_list", tags=["backups"]))
class BackupList(Recording, ListAPIView):
    """Backups of every origin, from the consolidated table; the latest created first.

    POST records that a backup exists, so that restores can name it.
    """

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
    body = RegisterBody

    @documented("backups_register", RegisterBody, BackupRecordedSerializer, "backups", makes=True)
    def post(self, request: Request) -> Response:
        given = self.given(request)

        def act(keep: idempotency.Keep) -> idempotency.Done:
            return record.register_backup(
                **given,
                keep=lambda backup: keep(backup_answer(request, backup, HTTPStatus.CREATED)),
            )

        return answered(idempotency.once(request, act), {})
