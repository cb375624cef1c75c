"""The views of restores, in the consolidated and in the legacy table."""

from drf_spectacular.utils import (
    OpenApiParameter,
    extend_schema,
    extend_schema_view,
)
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.v1.etags import NOT_MODIFIED, versioned
from api.v1.filters.backend import StrictParameters
from api.v1.left_out import withheld_from
from api.v1.recording import Recording, documented
from api.v1.restores import deprecation, filters, history, lookup, serializers
from api.v1.restores.bodies import RequestBody
from api.v1.restores.commands import answer_request
from api.v1.restores.deprecation import Deprecated
from api.v1.restores.listed import ListedRestores
from api.v1.rows import ROW_SHOWN, heads, weight
from projections.database_management.models import RestoreLog as LegacyRestore
from projections.system_backups.models import RestoreLog

AS_OF_PATTERN = r"^(?:now|[0-9]{1,19}|[0-9]{4}-?[0-9W].*)$"
AS_OF = OpenApiParameter(
    "as_of",
    {"type": "string", "pattern": AS_OF_PATTERN},
    description=(
        "The row as of a position of the log, or as of a time by the log's own clock "
        "(`recorded_at`), in ISO 8601. `now`, and a time that is not in the past, mean the log's "
        "end."
    ),
)


LIST_AS_OF = OpenApiParameter(
    "as_of",
    {"type": "string", "pattern": AS_OF_PATTERN},
    description=(
        "The list as of a position of the log, or as of a time by the log's own clock, as for a "
        "single row. Filters, search and ordering are of the rows as they were then."
    ),
)


@extend_schema_view(
    get=extend_schema(operation_id="restores_list", tags=["restores"], parameters=[LIST_AS_OF])
)
class RestoreList(Recording, ListedRestores):
    """Restores of every origin, from the consolidated table; the latest created first.

    POST records a restore that somebody asks for. It is then started, and completed, failed or
    cancelled, by the commands below its own address.
    """

    body = RequestBody

    @documented(
        "restores_request",
        RequestBody,
        serializers.RestoreRecordedSerializer,
        "restores",
        makes=True,
    )
    def post(self, request: Request) -> Response:
        return answer_request(request, self.given(request))


@extend_schema_view(
    get=extend_schema(
        operation_id="legacy_restores_list",
        tags=["legacy"],
        deprecated=True,
        parameters=deprecation.HEADERS,
    )
)
class LegacyRestoreList(Deprecated, StrictParameters, ListAPIView):
    """The legacy table: restores of databases as the host's old app shows them."""

    queryset = heads(LegacyRestore)
    weight = staticmethod(weight)
    serializer_class = serializers.LegacyRestoreInListSerializer
    unknown_because = {
        "as_of": "Versions are kept of the rows of the consolidated table only. A single row of "
        "this table takes as_of, and so does the list of restores."
    }
    filterset_class = filters.LegacyRestoreFilters
    ordering_fields = filters.LEGACY_ORDERING
    default_ordering = ("-created_at",)
    interval_ordering = filters.BY_INTERVAL

    def left_out(self) -> dict[str, int]:
        """How many rows are kept out of the table, by cause."""
        return withheld_from(LegacyRestore._meta.label)


class Detail(StrictParameters, GenericAPIView):
    """One row, now or as of a position or a time."""

    filter_backends = ()
    pagination_class = None
    detail_parameters = frozenset({"as_of"})

    def links(self) -> dict[str, str]:
        """Links on the page in the browser, after the row was found."""
        if not hasattr(self, "restore_id"):
            return {}
        trail = reverse("v1:restore-events", args=[self.restore_id])
        return {"Its trail: what happened, who recorded it, and what that changed": trail}

    def get(self, request: Request, id: str) -> Response:
        moment = request.query_params.get("as_of")
        queryset = self.get_queryset()
        if moment is None:
            row = lookup.row(queryset, id)
        else:
            row = history.row_as_of(queryset.model, id, moment)
        self.restore_id = row.restore_id
        return versioned(request, row.version, self.get_serializer(row).data)


@extend_schema_view(
    get=extend_schema(
        operation_id="restores_retrieve",
        tags=["restores"],
        parameters=[AS_OF],
        responses={200: serializers.RestoreSerializer, 304: NOT_MODIFIED},
    )
)
class RestoreDetail(Detail):
    """One restore, by its id in the consolidated table or by its UUID."""

    queryset = heads(RestoreLog, ROW_SHOWN, ROW_SHOWN)
    serializer_class = serializers.RestoreSerializer


@extend_schema_view(
    get=extend_schema(
        operation_id="legacy_restores_retrieve",
        tags=["legacy"],
        deprecated=True,
        parameters=[AS_OF, *deprecation.HEADERS],
        responses={200: serializers.LegacyRestoreSerializer, 304: NOT_MODIFIED},
    )
)
class LegacyRestoreDetail(Deprecated, Detail):
    """One row of the legacy table, by its id there or by the restore's UUID."""

    queryset = heads(LegacyRestore, ROW_SHOWN, ROW_SHOWN)
    serializer_class = serializers.LegacyRestoreSerializer
