"""Exports of lists over REST."""

from base64 import b64encode
from collections.abc import Sequence
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import Any, ClassVar, NamedTuple

from django.db import connection
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from api.permissions import ReadsAudit
from api.problems import BadParameter, Problem
from api.v1.audit.asked import NO, YES, word_of
from api.v1.audit.of_restores import TrailFilters
from api.v1.audit.views import AuditEvents
from api.v1.backups.listed import COLUMNS as BACKUP_COLUMNS
from api.v1.backups.views import BackupList
from api.v1.exports.events import COLUMNS as EVENT_COLUMNS
from api.v1.exports.events import events_now
from api.v1.exports.tables import TableColumns, ordered
from api.v1.filters.backend import StrictParameters
from api.v1.long_values import Anything, stream_pieces
from api.v1.pagination import ordering
from api.v1.restores.filters import COLUMNS, LEGACY_COLUMNS
from api.v1.restores.views import LIST_AS_OF, LegacyRestoreList, RestoreList
from infrastructure.documents.keys import signer
from infrastructure.exports.columns import FileColumn
from infrastructure.exports.files import MEDIA_TYPES
from projections.services.exports import ExportRequest, RowsAtPosition, rows_now, take_export

LONGEST_SIGNED = 2_000
"""Bytes of a query that a signed statement can repeat: it is sent in a header."""
IN_FILE = frozenset({"ordering", "sign"})
NOT_IN_STATEMENT = frozenset({"format", "sign"})
HEADERS = (
    ("Export-Position", int, "The position of the log that the rows are as of."),
    ("Export-Rows", int, "How many rows the file has."),
    ("Export-Event", int, "The position of the event that records the export."),
    ("Export-Statement", str, "With `sign`: a signed statement of what the file is, in Base64."),
    ("Repr-Digest", str, "The SHA-256 of the file (RFC 9530)."),
    ("Content-Disposition", str, "A name for the file."),
)


class Read(NamedTuple):
    """What is exported: the columns, and how the rows are read."""

    columns: Sequence[FileColumn]
    rows: AbstractContextManager[RowsAtPosition]


class Exporting(StrictParameters, GenericAPIView):
    """A list as a file. Comes before the list's own view, whose filters and orders it has."""

    permission_classes = (ReadsAudit,)
    content_negotiation_class = Anything
    pagination_class = None
    http_method_names = ("get", "options")
    contents: ClassVar[str]

    def reading(self, request: Request) -> Read:
        """What the request asks for; its parameters are checked here."""
        raise NotImplementedError

    def get(self, request: Request, *args: Any, **kwargs: Any) -> StreamingHttpResponse:
        kind = request.query_params.get("format", "csv")
        if kind not in MEDIA_TYPES:
            known = ", ".join(MEDIA_TYPES)
            raise Problem(HTTPStatus.NOT_FOUND, "format_unknown", f"The formats are: {known}.")
        key = signer() if self._signed(request) else None
        columns, rows = self.reading(request)
        asked = ExportRequest(self.contents, kind, self._parameters(request), columns, rows)
        taken = take_export(asked, actor=request.user.get_username(), signer=key)
        # Who receives it may be slow, and needs no database.
        connection.close()
        file = taken.file
        response = stream_pieces(request, file.pieces, MEDIA_TYPES[kind], file.close)
        name = f"{self.contents}-at-{taken.position}.{kind}"
        headers = {
            "Content-Length": file.size,
            "Content-Disposition": f'attachment; filename="{name}"',
            "Export-Position": taken.position,
            "Export-Rows": file.rows,
            "Export-Event": taken.recorded_at_position,
            "Repr-Digest": file.repr_digest,
        }
        if taken.statement is not None:
            headers["Export-Statement"] = b64encode(taken.statement).decode()
        for header, value in headers.items():
            response.headers[header] = str(value)
        return response

    def _parameters(self, request: Request) -> dict[str, str]:
        """The parameters that were given; `last=24h` and the like as the times that were meant."""
        given = {**request.query_params.dict()}
        interval = getattr(getattr(self, "filters", None), "interval", None)
        if interval is not None:
            given |= interval.fixed
        return {
            name: value
            for name, value in given.items()
            if value is not None and name not in NOT_IN_STATEMENT
        }

    def _signed(self, request: Request) -> bool:
        if word_of(request, "sign", YES, NO) != YES:
            return False
        if len(request.META.get("QUERY_STRING", "")) > LONGEST_SIGNED:
            raise BadParameter(
                "query_too_long_to_sign",
                f"A signed export takes a query of at most {LONGEST_SIGNED} bytes.",
                "sign",
            )
        return True


class ExportingTable(Exporting):
    """A list of a table's rows."""

    fields: ClassVar[dict[str, str]]
    long: ClassVar[tuple[str, ...]] = ("message", "extra")

    def reading(self, request: Request) -> Read:
        found = self.filter_queryset(self.get_queryset())
        columns = TableColumns.of(self.fields, self.long, found)
        rows = columns.read(ordered(found, request, self))
        moment = getattr(self, "moment", None)
        position = None if moment is None else moment.position
        label = found.model._meta.label
        return Read(columns.columns, rows_now(rows, label, columns.row, position))


def as_export(list_view: Any, contents: str, *more: OpenApiParameter) -> Any:
    """The schema of an export: the list's filters and order, and what the file is to be."""
    one = f"-?(?:{'|'.join(list_view.ordering_fields)})"
    parameters = [
        *more,
        OpenApiParameter(
            "format",
            {"type": "string", "enum": list(MEDIA_TYPES), "default": "csv"},
            description="The format of the file.",
        ),
        OpenApiParameter(
            "sign",
            {"type": "boolean", "default": False},
            description="Sign a statement of what the file is with the service's key.",
        ),
        OpenApiParameter(
            "ordering",
            {
                "type": "string",
                "pattern": f"^{one}(?:,{one})*$",
                "default": ",".join(list_view.default_ordering),
            },
            description="As in the list.",
        ),
        *(
            OpenApiParameter(
                name, kind, OpenApiParameter.HEADER, response=[200], description=description
            )
            for name, kind, description in HEADERS
        ),
    ]
    return extend_schema_view(
        get=extend_schema(
            operation_id=f"exports_{contents.replace('-', '_')}",
            tags=["exports"],
            parameters=parameters,
            filters=True,
            responses={(200, media): OpenApiTypes.BINARY for media in MEDIA_TYPES.values()},
        )
    )


@as_export(RestoreList, "restores", LIST_AS_OF)
class RestoreExport(ExportingTable, RestoreList):
    """The list of restores as a file."""

    contents = "restores"
    fields = COLUMNS
    detail_parameters = RestoreList.detail_parameters | IN_FILE


@as_export(LegacyRestoreList, "legacy-restores")
class LegacyRestoreExport(ExportingTable, LegacyRestoreList):
    """The list of the legacy table as a file."""

    contents = "legacy-restores"
    fields = LEGACY_COLUMNS
    detail_parameters = LegacyRestoreList.detail_parameters | IN_FILE


@as_export(BackupList, "backups")
class BackupExport(ExportingTable, BackupList):
    """The list of backups as a file."""

    contents = "backups"
    fields = BACKUP_COLUMNS
    long = ("extra",)
    detail_parameters = BackupList.detail_parameters | IN_FILE


@as_export(AuditEvents, "audit-events")
class AuditEventExport(Exporting, AuditEvents):
    """The log as a file for reading; `audit/events/export/` has one that can be checked."""

    contents = "audit-events"
    filterset_class = TrailFilters
    detail_parameters = IN_FILE

    def reading(self, request: Request) -> Read:
        search = self.filter_queryset(self.get_queryset())
        (order,) = ordering(request.query_params, self, search.model)
        return Read(EVENT_COLUMNS, events_now(search, descending=order.startswith("-")))


EXPORTS: dict[str, Any] = {
    view.contents: view
    for view in (RestoreExport, LegacyRestoreExport, BackupExport, AuditEventExport)
}
"""The views by the names of their lists in addresses."""
ADDRESSES = {
    "type": "object",
    "required": list(EXPORTS),
    "properties": {name: {"type": "string", "format": "uri"} for name in EXPORTS},
}


class Exports(StrictParameters, APIView):
    """The lists that can be taken as files."""

    @extend_schema(
        operation_id="exports_list",
        tags=["exports"],
        responses={(200, "application/json"): ADDRESSES},
    )
    def get(self, request: Request) -> Response:
        return Response({name: reverse(f"v1:export-{name}", request=request) for name in EXPORTS})
