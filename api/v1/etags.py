"""ETags: a row's version, and the response if the client has that version already."""

from typing import Any

from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response


def versioned(request: Request, version: int, data: Any) -> Response:
    """200 with `data` and its ETag, or 304 if `If-None-Match` names this version."""
    if request.accepted_renderer.format == "api":
        # A page shows more than the row, such as who is logged in, so the version is not enough.
        return Response(data)
    etag = f'"{version}"'
    headers = {"ETag": etag}
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in known or etag in (tag.removeprefix("W/") for tag in known):
        return Response(status=304, headers=headers)
    return Response(data, headers=headers)
