"""Which request of a client an event belongs to, from `X-Request-ID` or W3C `traceparent`."""

import re
from uuid import NAMESPACE_URL, UUID, uuid5

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from api.problems import Problem
from domain.events import About

FORM = re.compile(r"[\x20-\x7e]{1,200}", re.ASCII)
TRACE = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?", re.ASCII)
PARAMETERS = [
    OpenApiParameter(
        "X-Request-ID",
        {"type": "string", "pattern": f"^{FORM.pattern}$"},
        OpenApiParameter.HEADER,
        description="The client's own identifier of this request, up to 200 printable ASCII "
        "characters. Its events have it as `request_id`, and share a `correlation`.",
    ),
    OpenApiParameter(
        "traceparent",
        str,
        OpenApiParameter.HEADER,
        description="W3C Trace Context. Without an `X-Request-ID`, its trace id is the "
        "`request_id`. One that is not valid is ignored, as its standard asks for.",
    ),
]


def correlated(request: Request) -> About:
    """What events say of the request that recorded them."""
    named = request.headers.get("X-Request-ID")
    if named is None:
        trace = TRACE.fullmatch(request.headers.get("traceparent", ""))
        if trace is None or not trace[1].strip("0"):
            return {}
        named = trace[1]
    elif not FORM.fullmatch(named):
        raise Problem(400, "request_id_invalid", "X-Request-ID has 1 to 200 printable characters.")
    return {"request_id": named, "correlation": as_correlation(named)}


def as_correlation(named: str) -> UUID:
    """A UUID as it is, so that it can be searched for; else one that is made from the text."""
    try:
        return UUID(named)
    except ValueError:
        return uuid5(NAMESPACE_URL, f"urn:x-request-id:{named}")
