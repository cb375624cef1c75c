"""Responses that do not reach Django: problems, in the same form as Django's."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import msgspec

from api import problems
from api.operations.middleware import METHODS
from api.operations.requests import REQUESTS

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


def header(scope: Scope, name: bytes) -> bytes:
    """A header of the request, by its name in lower case; empty if there is none."""
    return next((value for key, value in scope["headers"] if key == name), b"")


def count(scope: Scope, route: str, status: int) -> None:
    """Count the request for `/metrics`: Django has not seen it."""
    method = scope["method"] if scope["method"] in METHODS else "other"
    REQUESTS.labels(method, route, status).inc()


async def refuse(
    scope: Scope, send: Send, status: int, code: str, detail: str, headers: Headers = ()
) -> None:
    """Send a problem as the response."""
    count(scope, "refused", status)
    body = msgspec.json.encode(problems.body(status, code, detail))
    started = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", problems.MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            *headers,
        ],
    }
    await send(started)
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
