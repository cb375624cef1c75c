"""`/api/v1/`: links to the API's resources."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from api.v1.filters.backend import StrictParameters

NAMES = (
    *("restores", "legacy-restores", "backups", "audit-events", "statistics", "exports"),
    *("projections", "consolidation", "schema"),
)
LINKS = {
    "type": "object",
    "required": list(NAMES),
    "properties": {name: {"type": "string", "format": "uri"} for name in NAMES},
}


class Root(StrictParameters, APIView):
    """The restore log, version 1 of its API."""

    @extend_schema(
        operation_id="root_retrieve",
        tags=["root"],
        responses={(200, "application/json"): LINKS},
    )
    def get(self, request: Request) -> Response:
        return Response({name: reverse(f"v1:{name}", request=request) for name in NAMES})
