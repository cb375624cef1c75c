"""Streams of events, which outlive the request that opened them.

The request is answered by Django like any other: it needs a place, a login and valid parameters. If
the view leaves a `source` in the request's `Slot`, the request is over, and its place, its thread
and its connection are free. What the source yields is sent from here. Streams have a limit of their
own, so that they and the requests at work do not keep each other waiting.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from typing import Any

from api.serving.answers import Message, Receive, Scope, Send, header, refuse

MEDIA_TYPE = "text/event-stream"
SLOT = "restorelog.stream"
SENDING = 60.0
"""Seconds that a client may take to accept a part; then it is disconnected."""
LEFT_OUT = (b"content-length", b"content-type", b"cache-control")
HEADERS = [
    (b"content-type", MEDIA_TYPE.encode()),
    (b"cache-control", b"no-store"),
    # So that nginx passes each event on at once.
    (b"x-accel-buffering", b"no"),
]


class Slot:
    """Where a view leaves the source of the stream that answers its request."""

    source: Callable[[], AsyncGenerator[bytes, None]] | None = None


def slot_of(request: Any) -> Slot | None:
    """The slot of a Django request; None if the server cannot stream."""
    found: Slot | None = getattr(request, "scope", {}).get(SLOT)
    return found


class Streams:
    """Passes requests on, and sends the streams that they open, `most` at once."""

    def __init__(self, app: Any, most: int) -> None:
        self.app = app
        self.most = most
        self.open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _asks_for_a_stream(scope):
            return await self.app(scope, receive, send)
        if self.open >= self.most:
            detail = f"{self.most} streams are open, and this is the most. Try again later."
            return await refuse(scope, send, 503, "too_many_streams", detail)
        self.open += 1
        try:
            slot = Slot()
            answer = _Answer(send, slot)
            await self.app({**scope, SLOT: slot}, receive, answer)
            if slot.source is not None and answer.started is not None:
                await _send_stream(slot.source, answer.started, receive, send)
        finally:
            self.open -= 1


def _asks_for_a_stream(scope: Scope) -> bool:
    wants = MEDIA_TYPE.encode() in header(scope, b"accept").lower()
    return bool(wants and scope["type"] == "http" and scope["method"] == "GET")


class _Answer:
    """Passes a response on, unless it opens a stream: then its start is kept."""

    def __init__(self, send: Send, slot: Slot) -> None:
        self.send, self.slot = send, slot
        self.started: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and self.slot.source is not None:
            self.started = message
        elif self.started is None:
            await self.send(message)


async def _send_stream(
    source: Callable[[], AsyncGenerator[bytes, None]], start: Message, receive: Receive, send: Send
) -> None:
    """Send what the source yields until it ends, or until the client has gone."""
    kept = [(name, value) for name, value in start["headers"] if name.lower() not in LEFT_OUT]
    await send({**start, "headers": [*kept, *HEADERS]})
    sending = asyncio.create_task(_send_parts(source, send))
    watching = asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait((sending, watching), return_when=asyncio.FIRST_COMPLETED)
    finally:
        watching.cancel()
        if not sending.done():
            sending.cancel()
        with suppress(asyncio.CancelledError, TimeoutError):
            await sending


async def _send_parts(source: Callable[[], AsyncGenerator[bytes, None]], send: Send) -> None:
    async with aclosing(source()) as parts:
        async for part in parts:
            async with asyncio.timeout(SENDING):
                await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
