"""A bounded number of requests is at work; the others wait a moment, or are told to come again.

Requests queue in lanes, one for each account's credentials, one for each address of those who
have none. An account, or the strangers of an address together, have at most half of the places,
and lanes take turns: whoever sends hundreds of requests waits behind their own, and everybody
else's go on.
"""

import asyncio
from collections import OrderedDict, deque
from hashlib import sha256
from typing import Any

from api.serving.answers import Message, Receive, Scope, Send, header, refuse

PATIENCE = 1.0
"""Seconds that a request waits for a place before it is refused."""
SENDING = 60.0
"""Seconds that a client may take to accept a part of an answer; then it is cut off."""
KNOWN = 10_000
"""Credentials that are remembered to have been good."""
COOKIE = b"sessionid="
Lane = tuple[str, bytes]
"""Who shares places, and who of them it is: each has a queue of their own."""


class Lanes:
    """Who is at work, and who waits. `places` in all; a lane may have half of them."""

    def __init__(self, places: int, waiting: int) -> None:
        self.places = places
        self.share = max(places // 2, 1)
        self.most_waiting = waiting
        self.at_work: dict[str, int] = {}
        self.waiting: OrderedDict[Lane, deque[asyncio.Future[None]]] = OrderedDict()

    async def enter(self, lane: Lane, patience: float = PATIENCE) -> bool:
        """Take a place, at once or within `patience` seconds; False if there is none."""
        if lane not in self.waiting and self._free(lane):
            self._take(lane)
            return True
        if sum(map(len, self.waiting.values())) >= self.most_waiting:
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.setdefault(lane, deque()).append(turn)
        try:
            async with asyncio.timeout(patience):
                await turn
        except TimeoutError:
            # Its turn may have come in the same moment.
            return turn.done() and not turn.cancelled()
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(lane)
            raise
        finally:
            self._forget(lane, turn)
        return True

    def leave(self, lane: Lane) -> None:
        """Give the place back, to whoever waits longest in the lane whose turn it is."""
        group, _ = lane
        self.at_work[group] -= 1
        if not self.at_work[group]:
            del self.at_work[group]
        for other in list(self.waiting):
            queue = self.waiting[other]
            while queue and self._free(other):
                turn = queue.popleft()
                if not turn.done():
                    self._take(other)
                    turn.set_result(None)
                    self.waiting.move_to_end(other)
                    break
            if not queue:
                del self.waiting[other]

    def _free(self, lane: Lane) -> bool:
        at_work = sum(self.at_work.values())
        return at_work < self.places and self.at_work.get(lane[0], 0) < self.share

    def _take(self, lane: Lane) -> None:
        self.at_work[lane[0]] = self.at_work.get(lane[0], 0) + 1

    def _forget(self, lane: Lane, turn: "asyncio.Future[None]") -> None:
        queue = self.waiting.get(lane)
        if queue is not None and turn in queue:
            queue.remove(turn)
        if queue is not None and not queue:
            del self.waiting[lane]


class BoundedWork:
    """Hands on as many requests at once as there are places."""

    def __init__(self, app: Any, lanes: Lanes) -> None:
        self.app = app
        self.lanes = lanes
        self.known: OrderedDict[bytes, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        credentials = credentials_of(scope)
        lane = self._lane(scope, credentials)
        if not await self.lanes.enter(lane):
            detail = "The service is at work on as many requests as it can. Try again."
            return await refuse(scope, send, 503, "too_busy", detail, [(b"retry-after", b"1")])

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._learn(credentials, message["status"])
            async with asyncio.timeout(SENDING):
                await send(message)

        try:
            return await self.app(scope, receive, sent)
        finally:
            self.lanes.leave(lane)

    def _lane(self, scope: Scope, credentials: bytes) -> Lane:
        """Credentials have places of their own once they were good, for they can be made up.

        Until then they share those of their address, and take turns there.
        """
        if credentials in self.known:
            self.known.move_to_end(credentials)
            return (f"account {credentials.hex()}", b"")
        address = (scope.get("client") or ("",))[0]
        return (f"{'unknown' if credentials else 'anonymous'} {address}", credentials)

    def _learn(self, credentials: bytes, status: int) -> None:
        if not credentials:
            return
        if status == 401:
            self.known.pop(credentials, None)
        elif 200 <= status < 300:
            self.known[credentials] = None
            if len(self.known) > KNOWN:
                self.known.popitem(last=False)


def credentials_of(scope: Scope) -> bytes:
    """What tells accounts apart, without keeping a token; empty if there is none."""
    told = header(scope, b"authorization")
    if not told:
        cookies = header(scope, b"cookie").split(b";")
        told = next((c.strip() for c in cookies if c.strip().startswith(COOKIE)), b"")
    return sha256(told).digest() if told else b""
