"""What drf-spectacular is told beyond what it finds by itself."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from drf_spectacular.views import SpectacularAPIView

from api.filters.backend import StrictParameters
from api.problems import MEDIA_TYPE
from api.renderers import BrowsableRenderer

PROBLEM = {
    "type": "object",
    "description": "A problem (RFC 9457). `code` is stable; other members depend on it.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "parameter": {"type": "string", "description": "The query parameter at fault."},
        "errors": {
            "type": "object",
            "description": "What is wrong with each parameter.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}
STEPS = (
    *(HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY),
    *(HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE),
)
"""What a step of the consolidation may be refused with besides."""
ALWAYS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


@extend_schema_view(get=extend_schema(operation_id="schema_retrieve", tags=["schema"]))
class Schema(StrictParameters, SpectacularAPIView):
    """This document: OpenAPI 3.1, as YAML or JSON."""

    detail_parameters = frozenset({"lang"})
    # Last: what a browser gets, which would only save the others to a file.
    renderer_classes = (*SpectacularAPIView.renderer_classes, BrowsableRenderer)


def only_version_one(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    """Leave out what is not the API."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def add_problems(result: dict[str, Any], generator: Any, **kwargs: Any) -> dict[str, Any]:
    """Give every operation the problems that it may answer with."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operations in result["paths"].items():
        for operation in operations.values():
            statuses = [*ALWAYS]
            if "{" in path:
                statuses.append(HTTPStatus.NOT_FOUND)
            if path.endswith("/audit/events/"):
                statuses.append(HTTPStatus.CONFLICT)
            if "/consolidation/" in path and "requestBody" in operation:
                statuses += STEPS
            for status in statuses:
                operation["responses"].setdefault(
                    str(int(status)), {"description": status.phrase, "content": content}
                )
    return result
