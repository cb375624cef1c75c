"""Pages of lists, with `next`, `previous` and `results`; `api.v1.keyset` explains cursors."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connections
from django.db.models import Model, QuerySet
from django.template import loader
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import BadParameter
from api.v1.filters import vocabulary
from api.v1.filters.interval import INTERVAL, NAMES, AskedInterval
from api.v1.keyset import CursorPosition, CursorUnreadable, Keyset
from api.v1.left_out import LEFT_OUT
from api.v1.long_values import MOST_BYTES
from api.v1.orderings import is_served
from api.v1.too_slow import too_slow
from infrastructure.databases.time_limit import TookTooLong, time_limit

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000
RANGE = frozenset({"gte", "lte"})
"""The lookups of filters by a range."""
BROWSED_PAGE_SIZE = 20
"""The page size in the browser, where a row takes half a screen."""


NOT_SAID: Any = object()
"""What an answer does not have."""


class KeysetPagination(BasePagination):
    """Pages of a view that has `ordering_fields` (name → column) and `default_ordering`.

    A view can have another ordering for lists of an interval: `interval_ordering`.
    """

    template = "rest_framework/pagination/previous_and_next.html"
    parameters = frozenset({"cursor", "page_size", "ordering"})
    keyset_type = Keyset
    fixed: Mapping[str, str | None] = {}
    """Parameters that the links to other pages have, or do not have, whatever the request said."""

    left_out: dict[str, int] | None = NOT_SAID
    """How many rows the list leaves out, on its first page."""

    def paginate_queryset(
        self, queryset: QuerySet[Any], request: Request, view: Any = None
    ) -> list[Any]:
        self.request = request
        self.interval: AskedInterval | None = getattr(
            getattr(view, "filters", None), "interval", None
        )
        if self.interval is not None:
            self.fixed = {**self.fixed, **self.interval.fixed}
        model = self.listed(queryset)
        self.keyset = self.ordered_by(model, ordering(request.query_params, view, model))
        size = page_size(request)
        place = self._place()
        try:
            with time_limit(connections[queryset.db], settings.LIST_SECONDS):
                rows = self.keyset.page(queryset, place, size + 1)
                count = getattr(view, "left_out", None)
                if count is not None and place is None:
                    self.left_out = count()
        except TookTooLong as error:
            raise too_slow(request, view, settings.LIST_SECONDS) from error
        more, rows = len(rows) > size, rows[:size]
        fitting = _fitting(rows, view)
        more, rows = more or fitting < len(rows), rows[:fitting]
        backwards = place is not None and place.backwards
        if backwards:
            rows.reverse()
        has_next, has_previous = (True, more) if backwards else (more, place is not None)
        self.next = self._after(rows, place) if has_next else None
        self.previous = self._before(rows, place) if has_previous else None
        self.notes = (
            vocabulary.notes(view, queryset, request, empty=not rows) if place is None else []
        )
        self.display_page_controls = has_next or has_previous
        return rows

    def listed(self, queryset: QuerySet[Any]) -> type[Model]:
        """The table whose orderings the list has."""
        return queryset.model

    def ordered_by(self, model: type[Model], names: list[str]) -> Keyset:
        """The ordering by these columns, given as in `order_by`."""
        return self.keyset_type.of(model, names)

    def get_paginated_response(self, data: list[Any]) -> Response:
        page = {"next": self.next, "previous": self.previous, "results": data}
        if self.interval is not None:
            page["interval"] = self.interval.shown
        if self.left_out is not NOT_SAID:
            page["left_out"] = self.left_out
        if self.notes:
            page["notes"] = self.notes
        return Response(page)

    def to_html(self) -> str:
        """The page controls of the browsable API."""
        context = {"previous_url": self.previous, "next_url": self.next}
        return str(loader.get_template(self.template).render(context))

    def _place(self) -> CursorPosition | None:
        text = self.request.query_params.get("cursor")
        if text is None:
            return None
        try:
            return self.keyset.decode(text)
        except CursorUnreadable as error:
            raise BadParameter(
                "cursor_invalid",
                f"{error} Use `next` or `previous` unchanged, or begin without a cursor.",
                "cursor",
            ) from error

    def _after(self, rows: list[Any], place: CursorPosition | None) -> str:
        if rows:
            return self._link(CursorPosition(self.keyset.values_of(rows[-1])))
        # All rows before the position are gone: the next page begins with the row it names.
        assert place is not None
        return self._link(CursorPosition(place.values, including=not place.including))

    def _before(self, rows: list[Any], place: CursorPosition | None) -> str:
        if rows:
            return self._link(CursorPosition(self.keyset.values_of(rows[0]), backwards=True))
        assert place is not None
        return self._link(
            CursorPosition(place.values, backwards=True, including=not place.including)
        )

    def _link(self, place: CursorPosition) -> str:
        parameters = {**self.request.query_params.dict(), **self.fixed}
        parameters["cursor"] = self.keyset.encode(place)
        path = self.request.build_absolute_uri(self.request.path)
        return f"{path}?{urlencode({k: v for k, v in parameters.items() if v is not None})}"

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {**link, "description": "The page after this one, if there is one."},
                "previous": {**link, "description": "The page before this one, if there is one."},
                "results": schema,
                "interval": INTERVAL,
                "left_out": LEFT_OUT,
                "notes": vocabulary.NOTES,
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        names = ", ".join(f"`{name}`" for name in view.ordering_fields)
        one = f"-?(?:{'|'.join(view.ordering_fields)})"
        by_interval = "".join(
            f" With `since`, `until` or `last` the default is `{name}`."
            for name in getattr(view, "interval_ordering", ())
        )
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "From `next` or `previous` of a page; opaque.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": "Rows per page; fewer if they are long: `next` shows whether "
                "there are more.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_PAGE_SIZE,
                    "default": DEFAULT_PAGE_SIZE,
                },
            },
            {
                "name": "ordering",
                "in": "query",
                "required": False,
                "description": (
                    "Columns, comma-separated, `-` for descending. Ties go by id; those of a text "
                    "or a number that many rows share by `created_at` and id. NULL counts as "
                    f"greater than every value. One or more of: {names}. With a range of one of "
                    f"them, the default is that one, descending.{by_interval}"
                ),
                "schema": {
                    "type": "string",
                    "pattern": f"^{one}(?:,{one})*$",
                    "default": ",".join(view.default_ordering),
                },
            },
        ]


def _fitting(rows: list[Any], view: Any) -> int:
    """How many of them fit on a page, by each one's `weight` from the view."""
    weight = getattr(view, "weight", None)
    if weight is None:
        return len(rows)
    total = 0
    for count, row in enumerate(rows):
        total += weight(row)
        if count and total > MOST_BYTES:
            return count
    return len(rows)


def _default_ordering(given: Mapping[str, str], view: Any) -> tuple[str, ...]:
    """The view's ordering; of a list of an interval, by what the interval is of.

    Of a list of a range of one column, by that column: in another order, no index has such rows.
    """
    by_interval: tuple[str, ...] | None = getattr(view, "interval_ordering", None)
    if by_interval is not None and any(name in given for name in NAMES):
        return by_interval
    filters = getattr(getattr(view, "filterset_class", None), "base_filters", {})
    asked = [filters[name] for name in given if name in filters]
    ranges = {one.field_name for one in asked if one.lookup_expr in RANGE}
    of_range = [name for name, column in view.ordering_fields.items() if {column} == ranges]
    default: tuple[str, ...] = (f"-{of_range[0]}",) if of_range else view.default_ordering
    return default


def page_size(request: Request) -> int:
    """The requested page size; 400 unless it is from 1 to 1000."""
    text = request.query_params.get("page_size")
    if text is None:
        browsed = request.accepted_renderer.format == "api"
        return BROWSED_PAGE_SIZE if browsed else DEFAULT_PAGE_SIZE
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MAX_PAGE_SIZE:
        return int(text)
    raise BadParameter(
        "page_size_invalid",
        f"page_size is a whole number from 1 to {MAX_PAGE_SIZE}.",
        "page_size",
    )


def ordering(given: Mapping[str, str], view: Any, model: type[Model]) -> list[str]:
    """The columns to order by, as in `order_by`; 400 if the list is not offered in this order.

    `given` are the parameters; `view` says what is offered.
    """
    text = given.get("ordering")
    names = _default_ordering(given, view) if text is None else text.split(",")
    columns = [(name.strip().removeprefix("-"), name.strip().startswith("-")) for name in names]
    for name, _ in columns:
        if name not in view.ordering_fields:
            raise BadParameter(
                "ordering_invalid",
                f"Cannot order by {name!r}. Choose from: {', '.join(view.ordering_fields)}.",
                "ordering",
            )
    if len({name for name, _ in columns}) != len(columns):
        raise BadParameter("ordering_invalid", "A column is named twice.", "ordering")
    asked = [("-" if down else "") + view.ordering_fields[name] for name, down in columns]
    if not is_served(model, asked):
        first = columns[0][0]
        raise BadParameter(
            "ordering_invalid",
            f"Many rows may have the same {first}, so it cannot be followed by these columns. "
            f"Order by {first} alone, which orders such rows by created_at and id, or filter by "
            f"one {first} and order by another column.",
            "ordering",
        )
    return asked
