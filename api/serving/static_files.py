"""Files of the pages, beside the limit on requests at work: a page asks for several at once.

They need neither a login nor the database. Within the limit, a page of one account would wait for
its own styles, and be shown without some of them.
"""

import asyncio
from typing import Any

from django.conf import settings

from api.serving.answers import Message, Receive, Scope, Send
from api.serving.work import SENDING

AT_ONCE = 32
"""Files that a process of the server sends at once; further requests wait."""


class StaticFiles:
    """`alone` answers requests for files; `app` answers all others."""

    def __init__(self, app: Any, *, alone: Any) -> None:
        self.app = app
        self.alone = alone
        self.places = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(settings.STATIC_URL):
            return await self.app(scope, receive, send)

        async def sent(message: Message) -> None:
            async with asyncio.timeout(SENDING):
                await send(message)

        async with self.places:
            return await self.alone(scope, receive, sent)
