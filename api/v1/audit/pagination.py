"""Pages of the log, with a cursor for those who follow it."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.v1.audit.cursor import cursor
from api.v1.audit.finding import EventSearch
from api.v1.audit.serializers import event_heads
from api.v1.keyset import CursorPosition, Keyset
from api.v1.pagination import KeysetPagination
from infrastructure.event_store.log import Log


class LogKeyset(Keyset):
    """Pages of a search of the log: first the positions, then their events."""

    def page(self, queryset: EventSearch, place: CursorPosition | None, size: int) -> list[Any]:
        backwards = place is not None and place.backwards
        descending = self.columns[0].descending != backwards
        if place is not None:
            (at,) = place.values
            beyond = 0 if place.including else 1
            bound = {"last": at - beyond} if descending else {"first": at + beyond}
            queryset = queryset.between(**bound)
        positions = queryset.positions(size, descending=descending)
        order = "-position" if descending else "position"
        return list(event_heads().filter(position__in=positions).order_by(order))


class LogPagination(KeysetPagination):
    """Adds `cursor`: the cursor with which `?after=` continues after this page.

    On the last page it is the log's end, even if no event passed the filters, so that a follower
    of rare events moves on. Null if the page is in reverse order.
    """

    keyset_type = LogKeyset

    def paginate_queryset(
        self, queryset: EventSearch, request: Request, view: Any = None
    ) -> list[Any]:
        # Read before the page: events that are appended in between belong to the next one.
        head = Log().head()
        rows = super().paginate_queryset(queryset.between(last=head.position), request, view)
        if self.keyset.columns[0].descending:
            self.cursor = None
        elif self.next is None:
            self.cursor = cursor(head.position, head.hash)
        elif rows:
            self.cursor = cursor(rows[-1].position, rows[-1].hash)
        else:
            self.cursor = None
        return rows

    def get_paginated_response(self, data: list[Any]) -> Response:
        response = super().get_paginated_response(data)
        response.data["cursor"] = self.cursor
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["required"].append("cursor")
        page["properties"]["cursor"] = {
            "type": ["string", "null"],
            "description": "Follow the log from here: `?after=` this.",
        }
        return page
