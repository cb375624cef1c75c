"""Requests with the same `Idempotency-Key` of an account wait for each other, cheaply.

A request whose key is in use waits here in the event loop, without a place, a thread or a
connection. Requests of one process run one after the other. If another process is at work on the
key, the request is tried again, one place at a time, until that process has answered.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from weakref import WeakValueDictionary

from django.conf import settings

from api.serving.answers import Message, Receive, Scope, Send, header, refuse
from api.serving.body import Gone, again, received

PATIENCE = 10.0
"""Seconds that a request waits for the first one with its key."""
PAUSE = 0.2
"""Seconds between two tries while another process is at work."""
KEY = b"idempotency-key"

Work = Callable[[Scope, Receive, Send], Awaitable[None]]


class Repeats:
    """`most` requests wait at once; more are refused."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.waiting = 0
        self.turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def __call__(
        self, key: str, work: Work, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Pass the request on when its turn comes; answer with a problem if that takes too long."""
        until = asyncio.get_running_loop().time() + PATIENCE
        turn = self.turns.setdefault(key, asyncio.Lock())
        if turn.locked() and self.waiting >= self.most:
            detail = "Too many requests are waiting. Try again."
            return await refuse(scope, send, 503, "too_busy", detail)
        self.waiting += 1
        try:
            async with asyncio.timeout_at(until):
                await turn.acquire()
        except TimeoutError:
            detail = "A request with this Idempotency-Key is still running. Send the same again."
            headers = [(b"retry-after", b"1")]
            return await refuse(scope, send, 409, "request_in_progress", detail, headers)
        finally:
            self.waiting -= 1
        try:
            await _worked_on(work, scope, receive, send, until)
        finally:
            turn.release()


async def _worked_on(work: Work, scope: Scope, receive: Receive, send: Send, until: float) -> None:
    """Try until the response is not "try later", or until it is time to pass that on."""
    try:
        body = await received(receive, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    except Gone:
        return
    now = asyncio.get_running_loop().time
    while True:
        answer = _Answer(send, patient=now() + PAUSE < until)
        await work(dict(scope), again(body, receive), answer)
        if not answer.withheld:
            return
        await asyncio.sleep(PAUSE)


class _Answer:
    """Passes a response on, unless it says "try later": then a patient client's is tried again."""

    def __init__(self, send: Send, *, patient: bool) -> None:
        self.send = send
        self.patient = patient
        self.withheld = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            later = any(name.lower() == b"retry-after" for name, _ in message["headers"])
            conflict = message["status"] == HTTPStatus.CONFLICT
            self.withheld = self.patient and conflict and later
        if not self.withheld:
            await self.send(message)


def key_of(scope: Scope) -> str:
    """The request's key; empty if it has none."""
    return header(scope, KEY).decode("latin-1") if scope["method"] == "POST" else ""
