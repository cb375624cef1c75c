"""The heartbeats of running restores. They are not events."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import Problem
from api.v1.recording import Recording
from api.v1.restores import bodies, lookup
from infrastructure.running.models import Heartbeat
from projections.services.interruption import heartbeat
from projections.system_backups.models import RestoreLog


class HeartbeatAnswerSerializer(serializers.Serializer):
    """When the next heartbeat is due."""

    silence_seconds = serializers.FloatField(
        help_text="After so long without a heartbeat, the restore counts as interrupted."
    )


class HeartbeatSerializer(serializers.ModelSerializer):
    """The last heartbeat of a running restore. Times are by the service's clock."""

    class Meta:
        model = Heartbeat
        fields = ("restore_id", "first_at", "last_at", "percent", "phase", "output")
        read_only_fields = fields


class RestoreHeartbeat(Recording):
    """How far a running restore is, by its last heartbeat. A heartbeat is not an event.

    POST: whoever watches the restore is alive. The answer says after which silence the restore
    counts as interrupted. A restore that was marked so may go on sending heartbeats; only its end
    changes what is recorded.
    """

    queryset = Heartbeat.objects.all()
    serializer_class = HeartbeatSerializer
    filter_backends = ()
    pagination_class = None

    @extend_schema(
        operation_id="restores_heartbeat_retrieve",
        tags=["restores"],
        responses=HeartbeatSerializer,
    )
    def get(self, request: Request, id: str) -> Response:
        found = self.get_queryset().filter(pk=lookup.stream(RestoreLog, id)).first()
        if found is None:
            raise Problem(404, "no_heartbeat", "There is no heartbeat of this restore.")
        return Response(self.get_serializer(found).data)

    @extend_schema(
        operation_id="restores_heartbeat",
        tags=["restores"],
        request=bodies.HeartbeatBody,
        responses=HeartbeatAnswerSerializer,
    )
    def post(self, request: Request, id: str) -> Response:
        body = bodies.HeartbeatBody(data=request.data)
        body.is_valid(raise_exception=True)
        said = {name: value for name, value in body.validated_data.items() if value is not None}
        silence = heartbeat(lookup.stream(RestoreLog, id), **said)
        return Response({"silence_seconds": silence.total_seconds()})
