"""A client that follows the log: where it is, what it asked for, and what is to be sent to it."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, NamedTuple

import msgspec

from api.access.lapsing import Credential
from api.v1.audit.asked import Asked
from api.v1.audit.cursor import cursor
from api.v1.audit.finding import EventSearch

HEARTBEAT = 15.0
"""Seconds without an event after which a comment is sent: proxies close silent connections."""
RETRY = 2_000
"""Milliseconds after which a client connects again."""


class Form(NamedTuple):
    """How events are written: with which addresses, and what is told of each."""

    base: str
    asked: Asked


class StreamFollower:
    """Used in the event loop alone, but for what never changes.

    `at` and `hash` are of the last event that was looked at, whether it was sent or not.
    """

    def __init__(
        self,
        at: int,
        hash: bytes,
        search: EventSearch,
        credential: Credential,
        base: str,
        asked: Asked,
    ) -> None:
        self.at, self.hash = at, hash
        self.search, self.credential = search, credential
        self.form = Form(base, asked)
        self.ready = False
        """Whether everything that was given has been sent."""
        self.ended = False
        self._given = b""
        self._arrived = asyncio.Event()

    def fits(self, event: Any) -> bool:
        """Whether it asked for this event."""
        inside = self.search.first <= event.position <= self.search.last
        return inside and all(one.fits(event) for one in self.search.conditions)

    def give(self, at: int, hash: bytes, messages: bytes) -> None:
        """Pass on the messages of the events up to this one; they may be empty."""
        self.at, self.hash = at, hash
        if messages:
            self._send(messages)

    def end(self, code: str, detail: str) -> None:
        """Say why no more events come."""
        self.ended = True
        why = msgspec.json.encode({"code": code, "detail": detail})
        self._send(self._given + b"event: end\ndata: " + why + b"\n\n")

    def _send(self, messages: bytes) -> None:
        self.ready, self._given = False, messages
        self._arrived.set()

    async def parts(self) -> AsyncGenerator[bytes, None]:
        """What to send, as it comes."""
        yield f": following\nretry: {RETRY}\nid: {self.cursor}\n\n".encode()
        while True:
            self.ready = not self._given
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await self._arrived.wait()
            except TimeoutError:
                # With the position, so that a follower of rare events need not begin far behind.
                yield f": still here\nid: {self.cursor}\n\n".encode()
                continue
            part, self._given = self._given, b""
            self._arrived.clear()
            yield part
            if self.ended and not self._given:
                return

    @property
    def cursor(self) -> str:
        """Where to go on."""
        return cursor(self.at, self.hash)
