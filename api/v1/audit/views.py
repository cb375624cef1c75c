"""Reading the whole log."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.views import APIView

from api.access.readings import note_reading
from api.access.reporting import report_due
from api.permissions import ReadsAudit
from api.problems import Problem
from api.serving.streams import MEDIA_TYPE as EVENT_STREAM
from api.v1.audit.asked import NAMES, PARAMETERS, asked_for
from api.v1.audit.filters import EventFilters
from api.v1.audit.finding import EventSearch
from api.v1.audit.following import EventStream, asks_to_follow, open_stream
from api.v1.audit.pagination import LogPagination
from api.v1.audit.proofs import EXPORT, IN_FILES, MEDIA_TYPE, event_file
from api.v1.audit.serializers import EventSerializer, event_weight
from api.v1.audit.telling import told_of
from api.v1.filters.backend import StrictParameters
from api.v1.long_values import Anything, stream_pieces
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event


@extend_schema_view(
    get=extend_schema(
        operation_id="audit_events_list",
        tags=["audit"],
        parameters=PARAMETERS,
        responses={
            (200, "application/json"): EventSerializer(many=True),
            (200, EVENT_STREAM): OpenApiTypes.STR,
        },
    )
)
class AuditEvents(StrictParameters, ListAPIView):
    """Every event, oldest first.

    With `Accept: text/event-stream`, new ones as they come, as server-sent events.
    """

    permission_classes = (ReadsAudit,)
    queryset = EventSearch(Event)
    weight = staticmethod(event_weight)
    serializer_class = EventSerializer
    filterset_class = EventFilters
    pagination_class = LogPagination
    ordering_fields = {"position": "position"}
    default_ordering = ("position",)

    renderer_classes = (*APIView.renderer_classes, EventStream)
    detail_parameters = NAMES

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """A page or a stream. Who reads more than one stream is noted."""
        asked = asked_for(request)
        if "stream" not in request.query_params:
            report_due()
            note_reading(request.user)
        search = self.filter_queryset(self.get_queryset())
        if asks_to_follow(request):
            return open_stream(request, search, asked)
        rows = self.paginate_queryset(search)
        context = {**self.get_serializer_context(), **told_of(rows, asked)}
        shown = self.get_serializer_class()(rows, many=True, context=context)
        return self.get_paginated_response(shown.data)


class AuditExport(StrictParameters, GenericAPIView):
    """The events of a range of the log as a file that can be checked without the service."""

    permission_classes = (ReadsAudit,)
    queryset = EventSearch(Event)
    filterset_class = EventFilters
    pagination_class = None
    detail_parameters = frozenset({"proof", "sign"})
    content_negotiation_class = Anything

    @extend_schema(
        operation_id="audit_events_export",
        tags=["audit"],
        parameters=IN_FILES,
        filters=True,
        responses={(200, MEDIA_TYPE): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Taking one is noted like reading."""
        found = event_file(request, self.filter_queryset(self.get_queryset()))
        report_due()
        note_reading(request.user, EXPORT)
        return found


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


def event_not_found() -> Problem:
    """404 for a position that has no event, or none that the address may show."""
    return Problem(404, "event_not_found", "This address has no event at this position.")


def state_of(request: Request, found: QuerySet[Event]) -> StreamingHttpResponse:
    """The stored state of this event, streamed; 404 if there is none."""
    position = found.values_list("position", flat=True).first()
    if position is None:
        raise event_not_found()
    return stream_pieces(request, partial(Log().state_pieces, position), "application/json")
