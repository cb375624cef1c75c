"""A request's body is bounded before anything keeps it: in bytes, in time, and all together.

Django would first write it to disk, whatever its size, whoever sends it, and whatever the address.
"""

import asyncio
from typing import Any

from django.conf import settings

from api.operations.strict import NOT_UTF8, TOO_LARGE, is_utf8
from api.serving.answers import Message, Receive, Scope, Send, header, refuse

AT_ONCE = 16
"""Bodies that are received at the same time, each held in memory."""
SECONDS = 30
"""How long one may take to come."""
CLOSE = ((b"connection", b"close"),)
"""What has not been read is not read any more."""


class TooLarge(Exception):
    """More bytes came than are taken."""


class Gone(Exception):
    """The client left before it had sent all."""


class BoundedBody:
    """Refuses a body beyond the limit from what its length says, or from its first byte beyond."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.places = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        if not _is_text(scope["query_string"]):
            detail = NOT_UTF8.format(part="query")
            return await refuse(scope, send, 400, "not_utf8", detail)
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        length = header(scope, b"content-length")
        chunked = header(scope, b"transfer-encoding")
        if not chunked and length in (b"", b"0"):
            return await self.app(scope, receive, send)
        try:
            if length.isdigit() and (len(length) > 18 or int(length) > most):
                raise TooLarge
            async with asyncio.timeout(SECONDS), self.places:
                body = await received(receive, most)
        except TooLarge:
            detail = TOO_LARGE.format(most=most)
            return await refuse(scope, send, 413, "body_too_large", detail, CLOSE)
        except TimeoutError:
            detail = f"The body did not come within {SECONDS} seconds."
            return await refuse(scope, send, 408, "body_too_slow", detail, CLOSE)
        except Gone:
            return None
        return await self.app(scope, again(body, receive), send)


async def received(receive: Receive, most: int) -> bytes:
    """The whole body; raises `TooLarge` as soon as it is, `Gone` if the client goes away."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        if len(body) > most:
            raise TooLarge
        if not message.get("more_body", False):
            return bytes(body)


def again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands out this body first."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay


def _is_text(query: bytes) -> bool:
    return not query or is_utf8(query)
