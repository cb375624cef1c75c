"""The reader of a server's process: it reads the log for all followers, in one thread.

Followers hold no connection and no thread. Those who are at the log's end all get what one query
read. One that is far behind is served a piece at a time, after those at the end.
"""

import asyncio
import logging
import signal
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import msgspec
from django.db import InterfaceError, OperationalError, connections
from django.urls import reverse

from api.access.lapsing import lapsed
from api.roles import AUDIT
from api.v1.audit.asked import Asked
from api.v1.audit.cursor import cursor
from api.v1.audit.follower import Form, StreamFollower
from api.v1.audit.serializers import event_heads, event_shown
from api.v1.audit.telling import told_of
from infrastructure.databases.redaction import one_line
from infrastructure.event_store.log import Log
from infrastructure.event_store.records import LogHead

INTERVAL = 0.4
"""Seconds between two looks at the log."""
CHECKED = 2.0
"""Seconds between two looks at the followers' logins."""
PIECE = 200
"""Events that are read at a time."""
AT_ONCE = 8
"""Pieces that are read before they are passed on."""
GONE_BACK = (
    "log_changed",
    "The log does not have the last event that was sent, or has another one there: it lost its "
    "end, or is another log. Compare your data with it, then follow it from one of its cursors.",
)
LAPSED = ("access_ended", "The token or login that opened this stream no longer allows it.")
STOPPING = ("server_stopping", "The server is stopping. Connect again, with Last-Event-ID.")
FAILED = ("internal_error", "Something went wrong on our side.")
COMPLETE = ("complete", "These are all the events up to the position or time that was asked for.")

logger = logging.getLogger(__name__)


class Delivery(NamedTuple):
    """What a follower gets: messages up to an event, or, with `why`, the end."""

    follower: StreamFollower
    at: int
    hash: bytes
    messages: bytes = b""
    why: tuple[str, str] | None = None


class LiveReader:
    """Serves the followers of one event loop. It reads only while there are any."""

    def __init__(self) -> None:
        self.followers: set[StreamFollower] = set()
        self.stopping = False
        self._task: asyncio.Task[None] | None = None
        self._checked = 0.0
        self._lost = False

    async def follow(self, follower: StreamFollower) -> AsyncGenerator[bytes, None]:
        """What to send to this follower."""
        self.followers.add(follower)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            async for part in follower.parts():
                yield part
        finally:
            self.followers.discard(follower)

    def stop(self) -> None:
        """End all streams, because the process ends."""
        self.stopping = True

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "followers") as thread:
            while self.followers:
                delivered = await loop.run_in_executor(thread, self._look, self._waiting())
                for one in delivered:
                    if one.why is None:
                        one.follower.give(one.at, one.hash, one.messages)
                    else:
                        one.follower.end(*one.why)
                if not any(one.messages for one in delivered):
                    await asyncio.sleep(INTERVAL)
                if not self.followers:
                    await loop.run_in_executor(thread, connections.close_all)

    def _waiting(self) -> list[StreamFollower]:
        """The followers that can be given more."""
        if self.stopping:
            self._end_all(STOPPING)
        return [one for one in self.followers if one.ready and not one.ended]

    def _end_all(self, why: tuple[str, str]) -> None:
        for follower in self.followers:
            if not follower.ended:
                follower.end(*why)

    def _look(self, ready: list[StreamFollower]) -> list[Delivery]:
        """In the reader's thread. Nothing, for now, if the database cannot be reached."""
        try:
            found = [*self._lapsed(ready), *_new(ready)]
        except (OperationalError, InterfaceError) as error:
            if not self._lost:
                logger.error("The database did not answer followers: %s", one_line(error))
            self._lost = True
            connections.close_all()
            return []
        except Exception:
            logger.exception("The log cannot be read for followers")
            return [Delivery(one, one.at, one.hash, why=FAILED) for one in ready]
        self._lost = False
        return found

    def _lapsed(self, ready: list[StreamFollower]) -> list[Delivery]:
        if time.monotonic() - self._checked < CHECKED:
            return []
        ended = lapsed({one.credential for one in ready}, AUDIT)
        self._checked = time.monotonic()
        return [Delivery(f, f.at, f.hash, why=LAPSED) for f in ready if f.credential in ended]


def _new(ready: list[StreamFollower]) -> Iterable[Delivery]:
    """The next piece for each follower, the foremost first."""
    log = Log()
    head = log.head()
    groups: dict[tuple[int, bytes], list[StreamFollower]] = {}
    for follower in ready:
        groups.setdefault((follower.at, follower.hash), []).append(follower)
    found: list[Delivery] = []
    pieces = 0
    for (at, hash), group in sorted(groups.items(), key=lambda one: one[0], reverse=True):
        if (at, hash) == head[:2]:
            found += [d for d in (_complete(f) for f in group) if d is not None]
        elif at >= head.position or log.hash_at(at) != hash:
            found += [Delivery(one, at, hash, why=GONE_BACK) for one in group]
        elif pieces < AT_ONCE:
            near = head.position - at <= PIECE
            shared = [one for one in group if near or not one.search.conditions]
            if shared:
                found += _shared(shared, at, head)
                pieces += 1
            for one in group:
                if one not in shared:
                    found.append(_sought(one, head))
                    pieces += 1
    return found


def _shared(group: list[StreamFollower], at: int, head: LogHead) -> list[Delivery]:
    """One piece for all of them."""
    rows = list(
        event_heads()
        .filter(position__gt=at, position__lte=head.position)
        .order_by("position")[:PIECE]
    )
    last, messages = rows[-1], _Messages(rows)
    hash = bytes(last.hash)
    return [
        Delivery(one, last.position, hash, messages.of([r for r in rows if one.fits(r)], one.form))
        for one in group
    ]


def _sought(follower: StreamFollower, head: LogHead) -> Delivery:
    """The next events for one that is far behind and asked for some only."""
    positions = follower.search.between(follower.at + 1, head.position).positions(PIECE)
    rows = list(event_heads().filter(position__in=positions).order_by("position"))
    messages = _Messages(rows).of(rows, follower.form)
    if len(rows) < PIECE:
        return Delivery(follower, head.position, head.hash, messages)
    return Delivery(follower, rows[-1].position, bytes(rows[-1].hash), messages)


def _complete(follower: StreamFollower) -> Delivery | None:
    """The end, if it asked for no events after this one."""
    if follower.at < follower.search.last:
        return None
    return Delivery(follower, follower.at, follower.hash, why=COMPLETE)


class _Messages:
    """The events of a piece as they are sent, each written once in each form."""

    def __init__(self, rows: list[Any]) -> None:
        self.rows = rows
        self._told: dict[Asked, dict[str, dict[int, Any]]] = {}
        self._written: dict[tuple[int, Form], bytes] = {}
        self._joined: dict[tuple[tuple[int, ...], Form], bytes] = {}

    def of(self, rows: list[Any], form: Form) -> bytes:
        key = (tuple(row.position for row in rows), form)
        if rows and key not in self._joined:
            self._joined[key] = b"".join(self._one(row, form) for row in rows)
        return self._joined.get(key, b"")

    def _one(self, row: Any, form: Form) -> bytes:
        key = (row.position, form)
        if key not in self._written:
            if form.asked not in self._told:
                self._told[form.asked] = told_of(self.rows, form.asked)
            told = self._told[form.asked]
            shown = event_shown(row, lambda event: form.base + _path(event), told)
            place = cursor(row.position, bytes(row.hash)).encode()
            data = msgspec.json.encode(shown)
            self._written[key] = b"id: " + place + b"\ndata: " + data + b"\n\n"
        return self._written[key]


def _path(event: Any) -> str:
    return reverse("v1:audit-event-state", args=[event.position])


_readers: dict[asyncio.AbstractEventLoop, LiveReader] = {}


def reader() -> LiveReader:
    """The reader of this process; called in the event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _readers:
        _readers.clear()
        _readers[loop] = LiveReader()
        if threading.current_thread() is threading.main_thread():
            _at_shutdown(_readers[loop].stop)
    return _readers[loop]


def _at_shutdown(stop: Callable[[], None]) -> None:
    """Stop when the server is told to: it waits for open streams, and does not tell them."""
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)

        def handle(received: int, frame: Any, before: Any = before) -> None:
            stop()
            if callable(before):
                before(received, frame)

        signal.signal(number, handle)
