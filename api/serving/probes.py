"""Shared probes: one result of `/healthz` and `/readyz` answers all requests for a second.

One request at a time goes to Django; others that arrive meanwhile wait for its response. So a load
balancer gets a result that is at most a second old, and probes cannot keep the database busy.
"""

import asyncio
import time
from typing import Any, NamedTuple

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from api.serving.answers import Message, Receive, Scope, Send, count, header

PATHS = frozenset({"/healthz", "/readyz"})
SECONDS = 1.0
MOST = 64
"""How many results are kept: one for each host name, method and address."""

Key = tuple[str, str, bytes, bytes]


class ProbeAnswer(NamedTuple):
    """Django's response, and when it was requested."""

    at: float
    status: int
    messages: list[Message]


class SharedProbes:
    """`alone` answers the probes, outside the shared limits; `app` answers all other requests."""

    def __init__(self, app: Any, *, alone: Any) -> None:
        self.app = app
        self.alone = alone
        self.kept: dict[Key, ProbeAnswer] = {}
        self.asking: dict[Key, asyncio.Task[ProbeAnswer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_probe(scope):
            return await self.app(scope, receive, send)
        host, scheme = header(scope, b"host"), header(scope, b"x-forwarded-proto")
        key = (scope["method"], scope["path"], host, scheme)
        answer = self.kept.get(key)
        if answer is None or time.monotonic() - answer.at > SECONDS:
            answer = await self._asked(key, scope)
        count(scope, scope["path"], answer.status)
        for message in answer.messages:
            await send(message)
        return None

    async def _asked(self, key: Key, scope: Scope) -> ProbeAnswer:
        """The result of the running request, or of a new one."""
        task = self.asking.get(key)
        if task is None:
            task = self.asking[key] = asyncio.create_task(self._ask(scope))
            task.add_done_callback(lambda done: self._keep(key, done))
        # The first client may disconnect: the others go on waiting.
        return await asyncio.shield(task)

    async def _ask(self, scope: Scope) -> ProbeAnswer:
        at, messages = time.monotonic(), []
        forever = asyncio.Event()
        left: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            if not left:
                await forever.wait()
            return left.pop()

        async def send(message: Message) -> None:
            messages.append(message)

        await self.alone(dict(scope, query_string=b""), receive, send)
        return ProbeAnswer(at, messages[0]["status"], messages)

    def _keep(self, key: Key, done: "asyncio.Task[ProbeAnswer]") -> None:
        del self.asking[key]
        if not done.cancelled() and done.exception() is None:
            if len(self.kept) >= MOST:
                self.kept.clear()
            self.kept[key] = done.result()


def _is_probe(scope: Scope) -> bool:
    """Whether it requests a probe at an allowed host name; Django refuses the others."""
    if scope["type"] != "http" or scope["path"] not in PATHS:
        return False
    if scope["method"] not in ("GET", "HEAD"):
        return False
    domain, _ = split_domain_port(header(scope, b"host").decode("latin-1"))
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
