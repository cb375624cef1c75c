"""The log as a list that can be exported. It only grows, so no snapshot is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connections

from api.v1.audit.finding import EventSearch
from api.v1.audit.serializers import event_heads, event_shown
from api.v1.exports.tables import TRUNCATED
from infrastructure.databases.time_limit import time_limit
from infrastructure.event_store.log import Log
from infrastructure.exports.columns import FileColumn
from projections.services.exports import RowsAtPosition

AT_A_TIME = 200
COLUMNS = [
    *(
        FileColumn("position", "integer"),
        FileColumn("recorded_at", "time"),
        FileColumn("stream_id", "uuid"),
    ),
    *(
        FileColumn("stream_version", "integer"),
        FileColumn("event_id", "uuid"),
        FileColumn("topic", "text"),
    ),
    *(
        FileColumn("schema_version", "integer"),
        FileColumn("actor", "text"),
        FileColumn("reason", "text"),
    ),
    *(
        FileColumn("correlation", "text"),
        FileColumn("causation", "text"),
        FileColumn("on_behalf_of", "text"),
    ),
    *(
        FileColumn("request_id", "text"),
        FileColumn("sequence", "integer"),
        FileColumn("state", "json"),
    ),
    *(FileColumn("hash", "text"), TRUNCATED),
]


@contextmanager
def events_now(search: EventSearch, *, descending: bool) -> Iterator[RowsAtPosition]:
    """The events of this search, up to the log's end as it is now."""
    last = Log().head().position
    yield RowsAtPosition(last, _rows(search.between(last=last), descending))


def _rows(search: EventSearch, descending: bool) -> Iterator[list[Any]]:
    order = "-position" if descending else "position"
    while True:
        with time_limit(connections[search.db], settings.EXPORT_SECONDS):
            positions = search.positions(AT_A_TIME, descending=descending)
            events = list(event_heads().filter(position__in=positions).order_by(order))
        for event in events:
            yield _row(event_shown(event, lambda event: "", {}))
        if len(positions) < AT_A_TIME:
            return
        at = positions[-1]
        search = search.between(last=at - 1) if descending else search.between(first=at + 1)


def _row(shown: dict[str, Any]) -> list[Any]:
    state = shown["state"]
    values = {
        **shown,
        "stream_id": UUID(shown["stream_id"]),
        "event_id": UUID(shown["event_id"]),
        "state": None if state is None else msgspec.json.encode(state).decode(),
        TRUNCATED.name: ",".join(shown.get("truncated", ())),
    }
    return [values[column.name] for column in COLUMNS]
