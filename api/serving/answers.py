"""Responses that do not reach Django: pages and problems, in the same form as Django's."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import msgspec

from api import problems
from api.error_handlers import API
from api.operations.content_policy import POLICY
from api.operations.middleware import METHODS
from api.operations.requests import REQUESTS
from api.refused_page import refused_page

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
    """Send a problem as the response; a page, if a person asked for one."""
    count(scope, "refused", status)
    if _asks_for_a_page(scope):
        was_form = scope["method"] not in ("GET", "HEAD")
        body = refused_page(status, detail, was_form=was_form).encode()
        own = {"content-type": "text/html; charset=utf-8", "content-security-policy": POLICY}
    else:
        body = msgspec.json.encode(problems.body(status, code, detail))
        own = {"content-type": problems.MEDIA_TYPE}
    own |= {"content-length": str(len(body)), "cache-control": "no-store"}
    own |= problems.retry_headers(status, code)
    started = {
        "type": "http.response.start",
        "status": status,
        "headers": [*((key.lower().encode(), one.encode()) for key, one in own.items()), *headers],
    }
    await send(started)
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _asks_for_a_page(scope: Scope) -> bool:
    """Whether a browser shows the answer. Below `/api/` an error is always a problem."""
    return b"text/html" in header(scope, b"accept") and not scope["path"].startswith(API)
