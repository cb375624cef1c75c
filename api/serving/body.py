"""Limits on request bodies before they are stored: of one in bytes and time, and of all together.

Without this, Django would write every body to disk first, of any size, sender and address.
"""

import asyncio
from contextlib import suppress
from typing import Any

from django.conf import settings

from api.operations.strict import NOT_UTF8, TOO_LARGE, is_utf8
from api.serving.answers import Message, Receive, Scope, Send, header, refuse

AT_ONCE = 16
"""How many bodies are received at the same time, each in memory."""
SECONDS = 30
"""How long a body may take to arrive."""
CLOSE = ((b"connection", b"close"),)
"""What has not been read is not read any more."""


LINGER = 0.5
"""Seconds for which the rest of a body that is too large is read and dropped."""


class TooLarge(Exception):
    """The body has more bytes than the limit."""


class Gone(Exception):
    """The client disconnected before it had sent everything."""


class BoundedBody:
    """Refuses a body beyond the limit, by its declared length or at the first byte too many."""

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
            if chunked:
                await drop_the_rest(receive, most)
            detail = TOO_LARGE.format(most=most)
            return await refuse(scope, send, 413, "body_too_large", detail, CLOSE)
        except TimeoutError:
            detail = f"The body did not arrive within {SECONDS} seconds."
            return await refuse(scope, send, 408, "body_too_slow", detail, CLOSE)
        except Gone:
            return None
        return await self.app(scope, again(body, receive), send)


async def received(receive: Receive, most: int) -> bytes:
    """The whole body; raises `TooLarge` as soon as it is, `Gone` if the client disconnects."""
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


async def drop_the_rest(receive: Receive, most: int) -> None:
    """Read and drop what is on its way, up to `most` bytes: a connection that is closed with
    unread bytes is reset, and the client may never see the answer."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER):
            while most > 0:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
                most -= len(message.get("body", b""))


def again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that returns this body first."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return left.pop() if left else await receive()

    return replay


def _is_text(query: bytes) -> bool:
    return not query or is_utf8(query)
