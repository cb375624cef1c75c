"""The account of a request, found before the request gets a place, and cached for a minute.

It only decides the request's lane. Django checks the credentials again.
"""

import asyncio
import time
from collections import OrderedDict
from hashlib import sha256
from importlib import import_module
from typing import NamedTuple

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import Error as DatabaseError
from django.db import connection

from api.access.tokens import token_digest
from api.models import AccessToken
from api.serving.answers import Scope, header

SECONDS = 60.0
REMEMBERED = 10_000
AT_ONCE = 2
"""How many queries run at once; the pool has this many additional connections."""
WORD = b"token "


class Known(NamedTuple):
    """The account, and when it was queried."""

    at: float
    account: str | None


class Accounts:
    """Caches accounts by the digest of the credentials."""

    def __init__(self) -> None:
        self.known: OrderedDict[bytes, Known] = OrderedDict()
        self.places = asyncio.Semaphore(AT_ONCE)

    async def whose(self, scope: Scope) -> str | None:
        """The account of the request's credentials; None if there is none."""
        token, session = _token(scope), _session(scope)
        if not (token or session):
            return None
        key = sha256(b"%s\0%s" % (token.encode(), session.encode())).digest()
        found = self._remembered(key)
        if found is None:
            async with self.places:
                # Hundreds with the same token may come at once: the first has queried it by now.
                found = self._remembered(key)
                if found is None:
                    ask = sync_to_async(_ask, thread_sensitive=False)
                    found = self._remember(key, await ask(token, session))
        return found.account

    def _remembered(self, key: bytes) -> Known | None:
        found = self.known.get(key)
        return found if found is not None and time.monotonic() - found.at <= SECONDS else None

    def _remember(self, key: bytes, account: str | None) -> Known:
        found = self.known[key] = Known(time.monotonic(), account)
        if len(self.known) > REMEMBERED:
            self.known.popitem(last=False)
        return found


def _ask(token: str, session: str) -> str | None:
    try:
        if token:
            owner = AccessToken.objects.filter(digest=token_digest(token), user__is_active=True)
            user = owner.values_list("user_id", flat=True).first()
        else:
            store = import_module(settings.SESSION_ENGINE).SessionStore(session)
            user = store.get(SESSION_KEY)
    except (DatabaseError, ValueError):
        # The code that answers the request reports the error.
        return None
    finally:
        connection.close()
    return None if user is None else str(user)


def _token(scope: Scope) -> str:
    told = header(scope, b"authorization")
    return told[len(WORD) :].strip().decode("latin-1") if told.lower().startswith(WORD) else ""


def _session(scope: Scope) -> str:
    name = f"{settings.SESSION_COOKIE_NAME}=".encode()
    cookies = (cookie.strip() for cookie in header(scope, b"cookie").split(b";"))
    told = next((cookie for cookie in cookies if cookie.startswith(name)), name)
    return told[len(name) :].decode("latin-1")
