"""What a restore from a backup needs to know of it."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1.filters.backend import StrictParameters
from projections.history.backup_sources import backup_source
from projections.system_backups.models import BackupLog


class BackupSourceSerializer(serializers.Serializer):
    """A backup as a restore needs it. Empty or null is what nobody said."""

    backup_id = serializers.UUIDField()
    name = serializers.CharField()
    status = serializers.CharField(help_text="`expired`: it can no longer be restored from.")
    backup_type = serializers.CharField()
    database_name = serializers.CharField(help_text="The database that it is of.")
    file_path = serializers.CharField(help_text="Where it is stored.")
    size_bytes = serializers.IntegerField(allow_null=True)
    checksum = serializers.CharField(help_text="`sha256:` and hexadecimal digits.")
    format = serializers.CharField()
    contents = serializers.DictField(
        child=serializers.IntegerField(allow_null=True),
        help_text="What it contains, such as tables, with their numbers of rows, or null.",
    )


class BackupSourceView(StrictParameters, GenericAPIView):
    """What a restore from a backup needs to know of it, as the log has it now.

    The backup is named by its UUID, or by an id that only one backup has, in either table. If two
    have it, the request is refused with 409 `backup_id_ambiguous` and both UUIDs.
    """

    queryset = BackupLog.objects.all()
    serializer_class = BackupSourceSerializer
    filter_backends = ()
    pagination_class = None

    @extend_schema(operation_id="backups_source", tags=["backups"])
    def get(self, request: Request, id: str) -> Response:
        return Response(self.get_serializer(backup_source(id)).data)
