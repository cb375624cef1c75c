"""Views that stream the full `message` or `extra` of one row."""

from functools import partial
from typing import Any, ClassVar

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from api.problems import Problem
from api.v1.filters.backend import StrictParameters
from api.v1.long_values import Anything, stream_pieces, text_pieces
from api.v1.restores import deprecation, lookup
from api.v1.restores.deprecation import Deprecated
from projections.database_management.models import RestoreLog as LegacyRestore
from projections.system_backups.models import BackupLog, RestoreLog

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"


class WholeText(StrictParameters, GenericAPIView):
    """A text of one row, of any length."""

    filter_backends = ()
    pagination_class = None
    content_negotiation_class = Anything
    column: ClassVar[str]
    media_type: ClassVar[str]

    def get(self, request: Request, id: str) -> StreamingHttpResponse:
        return stream_pieces(
            request, partial(text_pieces, self.row(id), self.column), self.media_type
        )

    def row(self, id: str) -> Any:
        row = lookup.row(self.get_queryset().only("pk", "version", "restore_id"), id)
        self.restore_id = row.restore_id
        return row


def documented_value(name: str, media_type: str, **more: Any) -> Any:
    """The schema of such a view."""
    kind = OpenApiTypes.OBJECT if media_type == JSON else OpenApiTypes.STR
    answer = {(200, media_type.partition(";")[0]): kind}
    return extend_schema(operation_id=name, responses=answer, **more)


LEGACY = {"tags": ["legacy"], "deprecated": True, "parameters": deprecation.HEADERS}


class RestoreMessage(WholeText):
    """A restore's message, all of it."""

    queryset, column, media_type = RestoreLog.objects.all(), "message", TEXT

    @documented_value("restores_message", TEXT, tags=["restores"])
    def get(self, request: Request, id: str) -> StreamingHttpResponse:
        return super().get(request, id)


class RestoreExtra(WholeText):
    """The host's other columns of a restore, all of them."""

    queryset, column, media_type = RestoreLog.objects.all(), "extra", JSON

    @documented_value("restores_extra", JSON, tags=["restores"])
    def get(self, request: Request, id: str) -> StreamingHttpResponse:
        return super().get(request, id)


class LegacyRestoreMessage(Deprecated, WholeText):
    """The message of a row of the legacy table, all of it."""

    queryset, column, media_type = LegacyRestore.objects.all(), "message", TEXT

    @documented_value("legacy_restores_message", TEXT, **LEGACY)
    def get(self, request: Request, id: str) -> StreamingHttpResponse:
        return super().get(request, id)


class LegacyRestoreExtra(Deprecated, WholeText):
    """The host's other columns of a row of the legacy table, all of them."""

    queryset, column, media_type = LegacyRestore.objects.all(), "extra", JSON

    @documented_value("legacy_restores_extra", JSON, **LEGACY)
    def get(self, request: Request, id: str) -> StreamingHttpResponse:
        return super().get(request, id)


class BackupExtra(WholeText):
    """The host's other columns of a backup, all of them."""

    queryset, column, media_type = BackupLog.objects.all(), "extra", JSON

    @documented_value("backups_extra", JSON, tags=["backups"])
    def get(self, request: Request, id: int) -> StreamingHttpResponse:
        return super().get(request, str(id))

    def row(self, id: str) -> Any:
        row = self.get_queryset().only("pk", "version").filter(pk=int(id)).first()
        if row is None:
            raise Problem(404, "backup_not_found", f"There is no backup {id[:40]!r} in this table.")
        return row
