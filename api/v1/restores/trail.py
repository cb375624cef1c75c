"""A restore's trail: its events, each with the columns that it changed in either table."""

from collections import OrderedDict
from threading import Lock
from uuid import UUID

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.v1.audit.changes import ChangeSerializer
from api.v1.audit.serializers import EventSerializer, event_heads, event_weight
from api.v1.audit.telling import CHANGE_SHOWN, words_of
from api.v1.audit.views import state_of
from api.v1.filters.backend import StrictParameters
from api.v1.long_values import Anything
from api.v1.restores import lookup
from domain.restores.events import RestoreEvent
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event
from projections.history.change_history import Change, changes_of
from projections.system_backups.models import RestoreLog

KEPT = 8
"""How many folded trails are cached, each of at most `MOST_KEPT` characters."""
MOST_KEPT = 2_000_000


class TrailEventSerializer(EventSerializer):
    """An event of a restore, and what it changed."""

    what = serializers.CharField(allow_null=True, help_text="What happened, in words.")
    changes = ChangeSerializer(many=True)

    class Meta(EventSerializer.Meta):
        fields = (*EventSerializer.Meta.fields, "what", "changes")
        read_only_fields = fields

    def whole(self, event: Event) -> str:
        request = self.context.get("request")
        place = [event.stream_id, event.position]
        return str(reverse("v1:restore-event-state", args=place, request=request))


@extend_schema_view(
    get=extend_schema(
        operation_id="restores_events_list",
        tags=["restores"],
        responses=TrailEventSerializer(many=True),
    )
)
class RestoreTrail(StrictParameters, GenericAPIView):
    """What happened to a restore, oldest first, and what each event changed in either table.

    The consolidated table is always shown as if it had the legacy rows, also before the cut-over.
    """

    queryset = event_heads()
    weight = staticmethod(event_weight)
    serializer_class = TrailEventSerializer
    filter_backends = ()
    ordering_fields = {"position": "position"}
    default_ordering = ("position",)

    def get(self, request: Request, id: str) -> Response:
        restore_id = lookup.stream(RestoreLog, id)
        steps = folded(restore_id)
        if not steps:
            raise lookup.restore_not_found(id)
        # Without events appended since the trail was folded: the next request has them.
        known = self.get_queryset().filter(stream_id=restore_id, position__lte=max(steps))
        page = self.paginate_queryset(known)
        said = {"what": words_of(page), "changes": steps}
        context = {**self.get_serializer_context(), **said}
        shown = self.get_serializer_class()(page, many=True, context=context)
        return self.get_paginated_response(shown.data)


class TrailEventState(StrictParameters, GenericAPIView):
    """The full state of one event of a restore, as it is stored."""

    filter_backends = ()
    pagination_class = None
    queryset = Event.objects.all()
    content_negotiation_class = Anything

    @extend_schema(
        operation_id="restores_events_state",
        tags=["restores"],
        responses={(200, "application/json"): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, id: str, position: int) -> StreamingHttpResponse:
        found = self.get_queryset().filter(
            stream_id=lookup.stream(RestoreLog, id),
            position=position,
            topic__startswith="restore.",
        )
        return state_of(request, found)


_folded: OrderedDict[tuple[UUID, bytes], dict[int, list[Change]]] = OrderedDict()
_lock = Lock()


def folded(restore_id: UUID) -> dict[int, list[Change]]:
    """The changes by each event of a restore, by position; empty if it is not a restore's stream.

    They are folded once for all pages. The hash of the stream's last event, which contains a random
    salt, shows that the stream is still the same.
    """
    last = Event.objects.filter(stream_id=restore_id).order_by("-stream_version")
    hash = last.values_list("hash", flat=True).first()
    if hash is None:
        return {}
    key = (restore_id, bytes(hash))
    with _lock:
        if key in _folded:
            _folded.move_to_end(key)
            return _folded[key]
    events = Log().brief_stream(restore_id, CHANGE_SHOWN)
    steps = changes_of(event for event in events if isinstance(event, RestoreEvent))
    found = {step.event.position: step.changes for step in steps}
    weight = sum(len(str(c.old)) + len(str(c.new)) for step in steps for c in step.changes)
    if weight <= MOST_KEPT:
        with _lock:
            _folded[key] = found
            while len(_folded) > KEPT:
                _folded.popitem(last=False)
    return found
