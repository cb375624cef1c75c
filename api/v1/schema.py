"""Additions to the schema that drf-spectacular generates."""

from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema, extend_schema_view
from drf_spectacular.views import SpectacularAPIView

from api.problems import MEDIA_TYPE
from api.v1.audit.proofs import PROOF
from api.v1.bodies.fields import WITH_NUL
from api.v1.filters.backend import StrictParameters
from api.v1.long_values import TRUNCATED
from api.v1.renderers import BrowsableRenderer
from api.v1.restores.bodies import CONDITIONS

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
CUT = (
    *("Restore", "RestoreInList", "RestoreRecorded", "LegacyRestore", "LegacyRestoreInList"),
    *("Backup", "BackupRecorded"),
    *(EVENTS := ("Event", "TrailEvent", "EventDetail")),
)
"""The schemas that may have cut values."""
TOLD = {
    "what": {"type": ["string", "null"], "description": "Only with `words`: what happened."},
    "changes": {
        "type": "array",
        "description": "Only with `changes`: what it changed in each table.",
        "items": {"$ref": "#/components/schemas/Change"},
    },
    "proof": PROOF,
}
"""What events have only if it was asked for."""
STEPS = (
    *(HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY),
    *(HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE),
)
"""Further refusals of a step of the consolidation."""
COMMANDS = (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.UNPROCESSABLE_ENTITY)
"""Further refusals of a command on a restore or backup."""
ALWAYS = (
    *(HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN),
    # Also for an unknown `format`.
    *(HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE),
)
BODIES = (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
"""Further refusals of a request with a body."""
SAID = {
    HTTPStatus.NOT_FOUND: "The resource, or the `format`, was not found.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Too many requests are at work (`too_busy`), or the database "
    "does not answer: try again.",
}
RETRY = {
    "Retry-After": {
        "description": "Seconds to wait before trying again.",
        "schema": {"type": "integer"},
    }
}


class MadeOnce(SchemaGenerator):  # type: ignore[misc]  # it has no types
    """The document is the same for everybody, and making it takes longer than any other answer."""

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        return _document(get_language())


@lru_cache(maxsize=8)
def _document(language: str | None) -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)


@extend_schema_view(get=extend_schema(operation_id="schema_retrieve", tags=["schema"]))
class Schema(StrictParameters, SpectacularAPIView):
    """This document: OpenAPI 3.1, as YAML or JSON."""

    detail_parameters = frozenset({"lang"})
    generator_class = MadeOnce
    # The last one is what a browser gets, which would save the others to a file.
    renderer_classes = (*SpectacularAPIView.renderer_classes, BrowsableRenderer)


def only_version_one(endpoints: list[Any], **kwargs: Any) -> list[Any]:
    """Leave out the routes that are not part of the API."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def add_problems(result: dict[str, Any], generator: Any, **kwargs: Any) -> dict[str, Any]:
    """Add to every operation the problems that it may answer with."""
    schemas = result["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    for name in CUT:
        schemas[name]["properties"]["truncated"] = TRUNCATED
    for name in EVENTS:
        schemas[name]["properties"] = {**TOLD, **schemas[name]["properties"]}
    schemas["RequestBodyRequest"]["allOf"] = CONDITIONS
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operations in result["paths"].items():
        for operation in operations.values():
            statuses = [*ALWAYS]
            if path.endswith(("/audit/events/", "/audit/events/export/", "/source/")):
                statuses.append(HTTPStatus.CONFLICT)
            if path.endswith("/audit/events/"):
                statuses.append(HTTPStatus.NOT_ACCEPTABLE)  # not every server sends streams
            if "/exports/" in path:
                statuses += [HTTPStatus.CONFLICT, HTTPStatus.INSUFFICIENT_STORAGE]
            if "requestBody" in operation:
                statuses += BODIES
                statuses += STEPS if "/consolidation/" in path else COMMANDS
                refuse_others(result, operation["requestBody"])
            for status in statuses:
                told = {"description": SAID.get(status, status.phrase), "content": content}
                if status is HTTPStatus.SERVICE_UNAVAILABLE:
                    told["headers"] = RETRY
                operation["responses"].setdefault(str(int(status)), told)
    return result


def refuse_others(document: dict[str, Any], part: dict[str, Any]) -> None:
    """Say what every body refuses: members that are not named, and texts with a NUL."""
    for content in part["content"].values():
        _strict(document, content["schema"])


def _strict(document: dict[str, Any], schema: dict[str, Any]) -> None:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "properties" in schema:
        schema["additionalProperties"] = False
    if "string" in schema.get("type", ()) and not schema.keys() & {"pattern", "format", "enum"}:
        schema["not"] = WITH_NUL
    inside = [*schema.get("properties", {}).values(), schema.get("items")]
    if "properties" not in schema:
        inside += schema.get("allOf", [])
    for one in filter(None, inside):
        _strict(document, one)
