"""Deprecation headers of the legacy table's routes, sent once the consolidated table has its rows.

`Deprecation` (RFC 9745) says since when, `Sunset` (RFC 8594) until when they answer, and `Link`
names the replacement.
"""

from datetime import UTC, datetime, time
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpResponseBase
from django.utils.http import http_date
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.reverse import reverse

from api.v1.filters.fields import CANONICAL_UUID
from projections.consolidation.scope_in_force import cut_over_since

HEADERS = [
    OpenApiParameter(name, str, OpenApiParameter.HEADER, response=True, description=description)
    for name, description in (
        ("Deprecation", "Since the cut-over: when that was, as `@` and Unix seconds (RFC 9745)."),
        ("Sunset", "Since the cut-over, if it is set: until when this answers (RFC 8594)."),
        (
            "Link",
            'Since the cut-over: the same in the consolidated table, `rel="successor-version"`.',
        ),
    )
]
"""For the schema."""


class Deprecated:
    """For views of the legacy table: responses, also errors, name their replacement."""

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        answer: HttpResponseBase = super().finalize_response(  # type: ignore[misc]
            request, response, *args, **kwargs
        )
        try:
            since = cut_over_since()
        except DatabaseError:
            # The response already says that the database does not answer.
            return answer
        if since is not None:
            restore_id = self._restore_id(response, kwargs.get("id"))
            for name, value in headers(since, successor(request, restore_id)).items():
                answer.headers[name] = value
        return answer

    def _restore_id(self, response: Any, id: str | None) -> Any:
        """The restore's UUID, from the row that was read, the problem, or the path.

        An integer id would be another restore's in the consolidated table.
        """
        found = getattr(self, "restore_id", None)
        problem = getattr(response, "data", None)
        if found is None and isinstance(problem, dict):
            found = problem.get("restore_id")
        return id if found is None and id and CANONICAL_UUID.fullmatch(id) else found


def headers(since: datetime, instead: str) -> dict[str, str]:
    """The headers. A sunset date before the cut-over makes no sense and is left out."""
    sent = {
        "Deprecation": f"@{int(since.timestamp())}",
        "Link": f'<{instead}>; rel="successor-version"',
    }
    if settings.LEGACY_SUNSET is not None:
        sunset = datetime.combine(settings.LEGACY_SUNSET, time(), UTC)
        if sunset > since:
            sent["Sunset"] = http_date(sunset.timestamp())
    return sent


def successor(request: Request, restore_id: Any) -> str:
    """The URL in the consolidated table: of the same restore, or of the list."""
    if restore_id is None:
        return str(reverse("v1:restores", request=request))
    return str(reverse("v1:restore", args=[restore_id], request=request))
