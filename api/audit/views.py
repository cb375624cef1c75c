"""Reading the whole log."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView

from api.audit.filters import EventFilters
from api.audit.pagination import LogPagination
from api.audit.serializers import EventSerializer
from api.filters.backend import StrictParameters
from api.permissions import ReadsAudit
from infrastructure.event_store.models import Event


@extend_schema_view(get=extend_schema(operation_id="audit_events_list", tags=["audit"]))
class AuditEvents(StrictParameters, ListAPIView):
    """Every event, oldest first."""

    permission_classes = (ReadsAudit,)
    queryset = Event.objects.all()
    serializer_class = EventSerializer
    filterset_class = EventFilters
    pagination_class = LogPagination
    ordering_fields = {"position": "position"}
    default_ordering = ("position",)
