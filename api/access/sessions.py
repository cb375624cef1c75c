"""Sessions in the database that end when nobody uses them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api.access.hasty import Recently, write_if_free

UNATTENDED = "Unattended"
"""The header of a request that a page left open sends (`live.js`)."""


class SessionStore(db.SessionStore):
    """Django's. The row ends when the session was idle; the cookie ends after a day at most."""

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """When the row ends, if the session is not used until then."""
        return timezone.now() + timedelta(seconds=settings.SESSION_IDLE_SECONDS)


class KeepSessions:
    """Moves the end of a session that is used; written at most once a minute.

    A request neither waits for another writer because of this, nor fails on a replica. What a page
    asks for by itself while nobody touches it is not a use: its script says so in a header.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.written = Recently(min(60.0, settings.SESSION_IDLE_SECONDS / 4))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session: Any = request.session
        # After a failure the session may be out of reach, too.
        answered = response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
        used = answered and session.accessed and UNATTENDED not in request.headers
        if used and session.session_key and SESSION_KEY in session:
            self._keep(session)
        return response

    def _keep(self, session: Any) -> None:
        if not session.modified and self.written.is_due(session.session_key):
            stored = Session.objects.filter(session_key=session.session_key)
            write_if_free(partial(stored.update, expire_date=session.get_expiry_date()))
