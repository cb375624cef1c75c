"""A restore's trail: its events, each with the columns it changed in either table."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import GenericAPIView

from api.audit.serializers import EventSerializer
from api.filters.backend import StrictParameters
from infrastructure.event_store.models import Event


@extend_schema_view(get=extend_schema(operation_id="restores_events_list", tags=["restores"]))
class RestoreTrail(StrictParameters, GenericAPIView):
    queryset = Event.objects.all()
    serializer_class = EventSerializer
    ordering_fields = {"position": "position"}
    default_ordering = ("position",)

    def get(self, request, id):
        raise NotImplementedError
