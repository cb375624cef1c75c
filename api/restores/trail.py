"""A restore's trail: its events, each with the columns it changed in either table."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from api.audit.serializers import EventSerializer
from api.filters.backend import StrictParameters
from api.restores import identity
from domain.restores.events import RestoreEvent
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event
from projections.engine.trail import changes_of
from projections.system_backups.models import RestoreLog

PROVENANCES = ("observed", "derived", "assumed")
WHAT_HAPPENED = ("appeared", "changed", "vanished")


@extend_schema_field({})
class AnyValue(serializers.Field):
    """A column's value, of whatever type the column is."""

    def to_representation(self, value: Any) -> Any:
        return value

    def get_attribute(self, instance: Any) -> Any:
        return getattr(instance, self.source)


class ChangeSerializer(serializers.Serializer):
    """A column of a table, before and after an event."""

    label = serializers.CharField(help_text="The table, such as `system_backups.RestoreLog`.")
    row = serializers.ChoiceField(WHAT_HAPPENED, help_text="What happened to the whole row.")
    column = serializers.CharField()
    old = AnyValue(help_text="Null also where there was no row.")
    new = AnyValue(help_text="Null also where there is no row any more.")
    provenance = serializers.ChoiceField(
        PROVENANCES,
        help_text="Read or recorded as such, computed from elsewhere, or supposed because the "
        "host could not say.",
    )


class TrailEventSerializer(EventSerializer):
    """An event of a restore, and what it changed."""

    changes = serializers.SerializerMethodField()

    class Meta(EventSerializer.Meta):
        fields = (*EventSerializer.Meta.fields, "changes")
        read_only_fields = fields

    @extend_schema_field(ChangeSerializer(many=True))
    def get_changes(self, event: Event) -> Any:
        changes = self.context["changes"][event.position]
        return ChangeSerializer(changes, many=True).data


@extend_schema_view(
    get=extend_schema(
        operation_id="restores_events_list",
        tags=["restores"],
        responses=TrailEventSerializer(many=True),
    )
)
class RestoreTrail(StrictParameters, GenericAPIView):
    """What happened to a restore, oldest first, and what each event changed in either table.

    The consolidated table is told of as it is with the legacy rows in it, before the cut-over too.
    """

    queryset = Event.objects.all()
    serializer_class = TrailEventSerializer
    filter_backends = ()
    ordering_fields = {"position": "position"}
    default_ordering = ("position",)

    def get(self, request: Request, id: str) -> Response:
        restore_id = identity.stream(RestoreLog, id)
        steps = {step.event.position: step.changes for step in changes_of(_events(restore_id))}
        if not steps:
            raise identity.not_found(id)
        # Not those appended since they were folded: the next request has them.
        known = self.get_queryset().filter(stream_id=restore_id, position__lte=max(steps))
        page = self.paginate_queryset(known)
        context = {**self.get_serializer_context(), "changes": steps}
        shown = self.get_serializer_class()(page, many=True, context=context)
        return self.get_paginated_response(shown.data)


def _events(restore_id: UUID) -> list[Any]:
    """The stream's events; none if it is not a restore's."""
    return [event for event in Log().stream(restore_id) if isinstance(event, RestoreEvent)]
