"""Pages of the log, with a cursor for those who follow it."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1.audit.cursor import cursor
from api.v1.pagination import KeysetPagination
from infrastructure.event_store.log import Log


class LogPagination(KeysetPagination):
    """Adds `cursor`: the cursor with which `?after=` continues after this page.

    On the last page it is the log's end, even if no event passed the filters, so that a follower
    of rare events moves on. Null if the page is in reverse order.
    """

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        # Read before the page: events that are appended in between belong to the next one.
        head = Log().head()
        upto = queryset.filter(position__lte=head.position)
        rows = super().paginate_queryset(upto, request, view)
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
