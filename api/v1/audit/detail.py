"""One event of the log: what it says, what it changed, what led to it, and what it led to."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from api.permissions import ReadsAudit
from api.v1.audit.asked import Asked
from api.v1.audit.changes import ChangeSerializer
from api.v1.audit.serializers import EventSerializer, event_heads, event_id, event_metadata
from api.v1.audit.telling import causes_of, effects_of, told_of, words_of
from api.v1.audit.views import event_not_found
from api.v1.filters.backend import StrictParameters
from infrastructure.event_store.log import as_datetime

NODE = {
    "type": "object",
    "required": ["position", "event_id", "topic", "what", "recorded_at", "actor"],
    "properties": {
        "position": {"type": "integer"},
        "event_id": {"type": "string", "format": "uuid"},
        "topic": {"type": "string"},
        "what": {"type": ["string", "null"]},
        "recorded_at": {"type": "string", "format": "date-time"},
        "actor": {"type": ["string", "null"]},
        "led_to": {"type": "array", "items": {"type": "object"}},
    },
}


@extend_schema_field({"type": "array", "items": NODE})
class Nodes(serializers.JSONField):
    """Events of the tree."""


class EventDetailSerializer(EventSerializer):
    """One event, and where it stands in the tree of causes and effects."""

    what = serializers.CharField(allow_null=True, help_text="What happened, in words.")
    changes = ChangeSerializer(many=True)
    caused_by = Nodes(help_text="What led to it, from the first event on.")
    led_to = Nodes(
        help_text="What it led to, each with what that led to; 100 events at most. "
        "`?causation=` of the list has all.",
    )

    class Meta(EventSerializer.Meta):
        fields = (*EventSerializer.Meta.fields, "what", "changes", "caused_by", "led_to")
        read_only_fields = fields


class AuditEvent(StrictParameters, GenericAPIView):
    """One event with what it changed, what led to it and what it led to, as a tree."""

    permission_classes = (ReadsAudit,)
    filter_backends = ()
    pagination_class = None
    queryset = event_heads()
    serializer_class = EventDetailSerializer

    @extend_schema(operation_id="audit_events_retrieve", tags=["audit"])
    def get(self, request: Request, position: int) -> Response:
        event = self.get_queryset().filter(position=position).first()
        if event is None:
            raise event_not_found()
        told = told_of([event], Asked(words=True, changes=True, proof=True))
        context = {**self.get_serializer_context(), **told}
        shown = self.get_serializer_class()(event, context=context).data
        causes = event_heads().filter(position__in=causes_of(event)).order_by("position")
        effects = effects_of(event)
        return Response({**shown, "caused_by": _nodes(causes), "led_to": _tree(event, effects)})


def _nodes(rows: Iterable[Any]) -> list[dict[str, Any]]:
    rows = list(rows)
    what = words_of(rows)
    return [
        {
            "position": row.position,
            "event_id": event_id(row),
            "topic": row.topic,
            "what": what.get(row.position),
            "recorded_at": as_datetime(row.recorded_at),
            "actor": event_metadata(row).get("actor"),
        }
        for row in rows
    ]


def _tree(root: Any, rows: list[Any]) -> list[dict[str, Any]]:
    """These events under the ones that led to them; at the top are those that `root` led to."""
    led_to: dict[str, list[dict[str, Any]]] = {event_id(root): []}
    nodes = _nodes(rows)
    for node in nodes:
        led_to[node["event_id"]] = node["led_to"] = []
    for node, row in zip(nodes, rows, strict=True):
        led_to[event_metadata(row)["causation"]].append(node)
    return led_to[event_id(root)]
