"""Proofs: what the receiver of events needs to compute their hashes again.

On pages and in streams each event gets a `proof`; a file of events carries them in every line, as
`projections/verification/check_events.py` reads it.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from api.v1.audit.asked import FULL, STORED, word_of
from api.v1.audit.finding import EventSearch
from api.v1.long_values import stream_pieces
from infrastructure.documents.keys import signer
from infrastructure.event_store.chain import GENESIS
from infrastructure.event_store.exported_events import PIECE, EventExport
from infrastructure.event_store.log import Log
from infrastructure.event_store.models import Event

MEDIA_TYPE = "application/x-ndjson"
EXPORT = "audit/events/export/"
"""What an account is recorded to have read that took such a file."""
NARROWING = frozenset(
    {
        *("topic", "topic_in", "stream", "actor", "on_behalf_of", "person"),
        *("correlation", "causation"),
    }
)
"""The filters that leave events out of a range of positions."""
IN_FILES = [
    OpenApiParameter(
        "proof",
        {"type": "string", "enum": [STORED, FULL], "default": STORED},
        description=(
            "`full`: an event that the filters leave out has a line too, with its header and the "
            "digests of its payloads, so that the receiver can see that none is missing."
        ),
    ),
    OpenApiParameter(
        "sign",
        {"type": "boolean", "default": False},
        description="Sign the file with the service's key.",
    ),
]
PROOF = {
    "type": "object",
    "description": "Only with `proof`: what the event's hash can be computed from again.",
    "required": ["previous", "salt", "state", "metadata"],
    "properties": {
        "previous": {"type": "string", "description": "The hash of the event before it, hex."},
        "salt": {"type": "string", "description": "Hex."},
        "state": {
            "type": ["string", "null"],
            "description": "As it is stored; null if it is long: `truncated` says where it is.",
        },
        "metadata": {"type": "string", "description": "As it is stored."},
    },
}


def event_file(request: Request, search: EventSearch) -> StreamingHttpResponse:
    """The events of this search as a file, up to the log's end as it is now."""
    log = Log()
    last = min(search.last, log.head().position)
    params = request.query_params
    sign = word_of(request, "sign", "true", "false") == "true"
    export = EventExport(
        first=min(search.first, last + 1),
        last=last,
        filters={name: params[name] for name in sorted(NARROWING & set(params))},
        wanted=lambda first, last: search.between(first, last).positions(PIECE),
        full=word_of(request, "proof", STORED, FULL) == FULL,
    )
    key = signer() if sign else None
    return stream_pieces(request, partial(export.lines, log, key), MEDIA_TYPE)


def proofs(rows: Iterable[Any]) -> dict[int, dict[str, Any]]:
    """The proofs of these events of `event_heads`, by position; one query."""
    rows = list(rows)
    at = {row.position for row in rows}
    stored = {
        position: values
        for position, *values in Event.objects.filter(
            position__in=at | {position - 1 for position in at}
        ).values_list("position", "hash", "salt", "metadata")
    }
    return {
        row.position: {
            "previous": bytes(stored.get(row.position - 1, [GENESIS])[0]).hex(),
            "salt": bytes(stored[row.position][1]).hex(),
            "state": _text(row.state_head) if row.state_size == len(row.state_head) else None,
            "metadata": _text(stored[row.position][2]),
        }
        for row in rows
    }


def _text(stored: Any) -> str:
    return bytes(stored).decode()
