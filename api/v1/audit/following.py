"""Opening a stream of the log's events: `Accept: text/event-stream`."""

from functools import partial
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from api.access.lapsing import credential_of
from api.problems import BadParameter, Problem
from api.serving.streams import MEDIA_TYPE, slot_of
from api.v1.audit.asked import Asked
from api.v1.audit.cursor import cursor_position
from api.v1.audit.finding import EventSearch
from api.v1.audit.follower import StreamFollower
from api.v1.audit.live import reader
from infrastructure.event_store.log import Log

LAST_EVENT_ID = "Last-Event-ID"


class EventStream(BaseRenderer):
    """So that a request may ask for a stream. What is sent is written by the reader."""

    media_type = MEDIA_TYPE
    format = "events"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return b""


def asks_to_follow(request: Request) -> bool:
    """Whether the request asks for a stream."""
    return bool(request.accepted_renderer.media_type == MEDIA_TYPE)


def open_stream(request: Request, search: EventSearch, asked: Asked) -> HttpResponse:
    """Follow the log: from `Last-Event-ID`, or where the filters begin, or else from now on."""
    slot = slot_of(request._request)
    if slot is None:
        raise Problem(
            HTTPStatus.NOT_ACCEPTABLE,
            "streams_not_served",
            "This server cannot send streams. Ask for pages, with `after`.",
        )
    for name in ("cursor", "ordering", "page_size"):
        if name in request.query_params:
            detail = f"A stream has no pages, so there is no parameter {name!r}."
            raise BadParameter("unknown_parameter", detail, name)
    if asked.changes:
        detail = "A stream does not say what events changed. Ask for pages, with `after`."
        raise BadParameter("changes_invalid", detail, "changes")
    log = Log()
    told = request.headers.get(LAST_EVENT_ID, "")
    if told:
        after = cursor_position(told, log, LAST_EVENT_ID)
    elif search.is_bounded_below:
        after = min(search.first - 1, log.head().position)
    else:
        after = log.head().position
    hash = log.hash_at(after)
    assert hash is not None, "the log has every position up to its end"
    base = request.build_absolute_uri("/").rstrip("/")
    follower = StreamFollower(after, hash, search, credential_of(request), base, asked)
    slot.source = partial(_followed, follower)
    return HttpResponse(content_type=MEDIA_TYPE)


def _followed(follower: StreamFollower) -> Any:
    return reader().follow(follower)
