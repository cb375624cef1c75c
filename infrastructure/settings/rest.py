"""Settings of REST framework, its OpenAPI schema, limits, readiness, and the legacy routes' end.

Classes are named by dotted path: settings must not import `api`, which is a layer above.
"""

import os
from datetime import date
from tempfile import gettempdir

from django.core.exceptions import ImproperlyConfigured

from infrastructure.settings.database import DATABASES

REST_FRAMEWORK: dict[str, object] = {
    # Token first: a 401 tells the client to send the first one.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.access.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.ReadsRestores"],
    "DEFAULT_RENDERER_CLASSES": [
        "api.v1.renderers.QuickJSONRenderer",
        "api.v1.renderers.BrowsableRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["api.v1.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "api.v1.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "api.v1.filters.backend.RowFilters",
        "api.v1.filters.backend.ExtraFilters",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_VERSIONING_CLASS": None,
    "EXCEPTION_HANDLER": "api.problems.handle",
    "UNICODE_JSON": True,
    "STRICT_JSON": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS: dict[str, object] = {
    "TITLE": "Restore log",
    "DESCRIPTION": "Restores of databases and files: what happened, who did it, and the proof.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": False,
    "PREPROCESSING_HOOKS": ["api.v1.schema.only_version_one"],
    "POSTPROCESSING_HOOKS": ["api.v1.schema.add_problems"],
    "SORT_OPERATION_PARAMETERS": False,
    "COMPONENT_SPLIT_REQUEST": True,
}

REST_MIDDLEWARE: list[str] = [
    "api.operations.middleware.MeasureRequests",
    "api.operations.content_policy.ContentPolicy",
    "api.operations.warnings.WarnOfLostEvents",
    "api.operations.strict.StrictRequests",
]
"""The outermost middleware: it reads every request first."""

DATA_UPLOAD_MAX_MEMORY_SIZE = int(os.environ.get("MAX_REQUEST_BYTES", "") or 1_048_576)
"""Bytes of a request's body, at any address; more is refused with 413 before it is read."""

# SQLite reads a row of 50 MB into the server's own process, even for a part of it.
_AT_WORK = 2 if DATABASES["default"]["ENGINE"].endswith("sqlite3") else 4

REQUESTS_AT_WORK = max(int(os.environ.get("REQUESTS_AT_WORK", "") or _AT_WORK), 2)
"""Requests that a process of the server works on at once; one account has at most half."""

REQUESTS_WAITING = int(os.environ.get("REQUESTS_WAITING", "") or 500)
"""Requests that wait for a place, each for a second at most; more are refused at once."""

STREAMS = int(os.environ.get("STREAMS", "") or 250)
"""Streams of events that a process of the server sends at once; more are refused with 503."""

LIST_SECONDS = float(os.environ.get("LIST_SECONDS", "") or 10)
"""Seconds that the database may take for a page of a list, or for statistics; then the answer is
503."""

# A switch of tables waits for the first on PostgreSQL, and gives up after 22 seconds.
_EXPORT_SECONDS = 300 if DATABASES["default"]["ENGINE"].endswith("sqlite3") else 15

EXPORT_SECONDS = float(os.environ.get("EXPORT_SECONDS", "") or _EXPORT_SECONDS)
"""Seconds that the database may take for the rows of an export; then it is answered with 503. On
PostgreSQL to collect them, on SQLite until the last one was read."""

EXPORT_FOLDER = os.environ.get("EXPORT_FOLDER", "") or (
    "/var/tmp" if os.path.isdir("/var/tmp") else gettempdir()
)
"""Where exports are written before they are sent. A file is gone once it was sent. Not in memory:
`/tmp` often is."""

HEARTBEAT_SILENCE = float(os.environ.get("HEARTBEAT_SILENCE", "") or 120)
"""Seconds without a heartbeat after which a running restore counts as interrupted."""

READY_MAX_LAG_EVENTS = int(os.environ.get("READY_MAX_LAG_EVENTS", "") or 10_000)
"""`/readyz` answers "not ready" if a projection is more events than this behind the log."""

READY_MAX_LAG_SECONDS = float(os.environ.get("READY_MAX_LAG_SECONDS", "") or 60)
"""`/readyz` answers "not ready" if a projection has not read an event for longer than this."""


def _date(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} is {text!r}; it should be a date such as 2027-01-31, or not be set."
        ) from error


LEGACY_SUNSET = _date("LEGACY_SUNSET", os.environ.get("LEGACY_SUNSET", "").strip())
"""From this day on (UTC) the legacy routes may be gone; shown in their `Sunset` header."""

# Probes use plain HTTP, from the same machine or network.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
