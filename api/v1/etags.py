"""ETags: a row's version, what a client has already, and what it expects when it records."""

import re
from typing import Any

from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` that the client has seen. If something was recorded since, nothing is "
    "recorded, and the answer is 412.",
)
NOT_MODIFIED = OpenApiResponse(description="`If-None-Match` names the current version.")
_STRONG = re.compile(r'"([0-9]{1,18})"', re.ASCII).fullmatch


def etag(version: int) -> str:
    return f'"{version}"'


def expected_versions(request: Request) -> frozenset[int] | None:
    """The versions that `If-Match` names; None if any will do.

    A weak or foreign tag matches no version.
    """
    header = request.headers.get("If-Match")
    tags = None if header is None else parse_etags(header)
    if tags is None or "*" in tags:
        return None
    return frozenset(int(found[1]) for found in map(_STRONG, tags) if found)


def versioned(request: Request, version: int, data: Any) -> Response:
    """200 with `data` and its ETag, or 304 if `If-None-Match` names this version."""
    if request.accepted_renderer.format == "api":
        # A page shows more than the row, such as who is logged in, so the version is not enough.
        return Response(data)
    ours = etag(version)
    headers = {"ETag": ours}
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in known or ours in (tag.removeprefix("W/") for tag in known):
        return Response(status=304, headers=headers)
    return Response(data, headers=headers)
