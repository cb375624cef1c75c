"""A limit on the requests at work; the others wait a moment, or are told to try again.

Requests queue in lanes: one for each account, and one for each address without an account. A lane
has at most half of the places, and lanes take turns. So a client that sends hundreds of requests
waits behind its own, and the requests of others go on.
"""

import asyncio
import math
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from api.access.addresses import scope_address
from api.serving.answers import Message, Receive, Scope, Send, refuse
from api.serving.rates import Rates
from api.serving.repeats import Repeats, key_of

PATIENCE = 1.0
"""Seconds that a request waits for a place before it is refused."""
SENDING = 60.0
"""Seconds that a client may take to accept a part of a response; then it is disconnected."""
Lane = str
Whose = Callable[[Scope], Awaitable[str | None]]
"""The function that returns a request's account; None without a login."""


class Lanes:
    """The requests at work and waiting. There are `places` in all; a lane may have half of them."""

    def __init__(self, places: int, waiting: int) -> None:
        self.places = places
        self.share = max(places // 2, 1)
        self.most_waiting = waiting
        self.at_work: dict[Lane, int] = {}
        self.waiting: OrderedDict[Lane, deque[asyncio.Future[None]]] = OrderedDict()

    async def enter(self, lane: Lane, patience: float = PATIENCE) -> bool:
        """Take a place, at once or within `patience` seconds; False if none was free."""
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
        """Give the place to the request that has waited longest in the lane whose turn it is."""
        self.at_work[lane] -= 1
        if not self.at_work[lane]:
            del self.at_work[lane]
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
        return at_work < self.places and self.at_work.get(lane, 0) < self.share

    def _take(self, lane: Lane) -> None:
        self.at_work[lane] = self.at_work.get(lane, 0) + 1

    def _forget(self, lane: Lane, turn: "asyncio.Future[None]") -> None:
        queue = self.waiting.get(lane)
        if queue is not None and turn in queue:
            queue.remove(turn)
        if queue is not None and not queue:
            del self.waiting[lane]


class BoundedWork:
    """Passes on as many requests at once as there are places."""

    def __init__(
        self,
        app: Any,
        lanes: Lanes,
        whose: Whose,
        accounts: Rates | None = None,
        strangers: Rates | None = None,
    ) -> None:
        self.app = app
        self.lanes = lanes
        self.whose = whose
        self.accounts = accounts or Rates(0)
        self.strangers = strangers or Rates(0)
        self.repeats = Repeats(lanes.most_waiting)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        account = await self.whose(scope)
        lane = f"stranger {scope_address(scope)}" if account is None else f"account {account}"
        rates = self.strangers if account is None else self.accounts
        if wait := rates.seconds_to_wait(lane):
            detail = "There were too many requests in the last minute. Try again."
            after = (b"retry-after", b"%d" % math.ceil(wait))
            return await refuse(scope, send, 429, "too_many_requests", detail, [after])
        work = partial(self._at_work, lane)
        key = key_of(scope)
        if key and account is not None:
            return await self.repeats(f"{account} {key}", work, scope, receive, send)
        return await work(scope, receive, send)

    async def _at_work(self, lane: Lane, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on as soon as its lane has a place for it."""
        if not await self.lanes.enter(lane):
            detail = "The service is at work on too many requests. Try again."
            return await refuse(scope, send, 503, "too_busy", detail)

        async def sent(message: Message) -> None:
            async with asyncio.timeout(SENDING):
                await send(message)

        try:
            return await self.app(scope, receive, sent)
        finally:
            self.lanes.leave(lane)
