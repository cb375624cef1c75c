"""Reading the whole log."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.access.readings import note_reading
from api.access.reporting import report_due
from api.permissions import ReadsAudit
from api.problems import Problem
from api.v1.audit.filters import EventFilters
from api.v1.audit.pagination import LogPagination
from api.v1.audit.serializers import EventSerializer, event_heads, event_weight
from api.v1.filters.backend import StrictParameters
from api.v1.long_values import Anything, stream_pieces
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event


@extend_schema_view(get=extend_schema(operation_id="audit_events_list", tags=["audit"]))
class AuditEvents(StrictParameters, ListAPIView):
    """Every event, oldest first."""

    permission_classes = (ReadsAudit,)
    queryset = event_heads()
    weight = staticmethod(event_weight)
    serializer_class = EventSerializer
    filterset_class = EventFilters
    pagination_class = LogPagination
    ordering_fields = {"position": "position"}
    default_ordering = ("position",)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A page. Who reads more than one stream is noted; what is due is recorded before."""
        if "stream" not in request.query_params:
            report_due()
            note_reading(request.user)
        return super().list(request, *args, **kwargs)


class AuditEventState(StrictParameters, APIView):
    """The full state of one event, as it is stored."""

    permission_classes = (ReadsAudit,)
    content_negotiation_class = Anything

    @extend_schema(
        operation_id="audit_events_state",
        tags=["audit"],
        responses={(200, "application/json"): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, position: int) -> StreamingHttpResponse:
        return state_of(request, Event.objects.filter(position=position))


def state_of(request: Request, found: QuerySet[Event]) -> StreamingHttpResponse:
    """The stored state of this event, streamed; 404 if there is none."""
    position = found.values_list("position", flat=True).first()
    if position is None:
        raise Problem(404, "event_not_found", "There is no event at this position here.")
    return stream_pieces(request, partial(Log().state_pieces, position), "application/json")
