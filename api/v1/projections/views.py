"""Reading the state of the projections."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.remedies import over_rest
from api.v1.filters.backend import StrictParameters
from domain.messages import worded
from infrastructure.event_store.head_file_updates import warning
from infrastructure.event_store.log import Log
from projections.engine.state import projections_state

STATES = ("live", "stopped", "rebuild_required", "not_in_log")


class ProjectionSerializer(serializers.Serializer):
    """One projection's live generation, and how far it is behind the log."""

    label = serializers.CharField()
    generation = serializers.IntegerField(allow_null=True, help_text="Null before the first.")
    scope = serializers.CharField(allow_null=True, help_text="Which rows are in it.")
    version = serializers.IntegerField(allow_null=True, help_text="Of the projector.")
    position = serializers.IntegerField(help_text="Of the last event applied.")
    lag_events = serializers.IntegerField(help_text="Events not yet applied.")
    lag_seconds = serializers.FloatField(help_text="How long the oldest of them has waited.")
    rows = serializers.IntegerField(help_text="Rows in its table.")
    quarantined = serializers.IntegerField(help_text="Rows that the table cannot hold.")
    vanished = serializers.IntegerField(help_text="Rows that are no longer in the host.")
    state = serializers.ChoiceField(STATES)
    error = serializers.CharField(help_text="Why it stopped; empty while it runs.")
    failed_position = serializers.IntegerField(
        allow_null=True, help_text="Of the event that stopped it."
    )


class ProjectionsSerializer(serializers.Serializer):
    """All projections."""

    projections = ProjectionSerializer(many=True)
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="What is wrong with the log, if anything is."
    )


class Projections(StrictParameters, APIView):
    """The position of each projection, and whether it has stopped."""

    @extend_schema(
        operation_id="projections_list", tags=["projections"], responses=ProjectionsSerializer
    )
    def get(self, request: Request) -> Response:
        warnings = [text for text in [warning(Log())] if text]
        return Response(
            worded({"projections": projections_state(), "warnings": warnings}, over_rest)
        )
