"""The events of the audit log, newest first. Its filters are those of its files over REST."""

from collections.abc import Mapping
from typing import Any

from api.console.paging import ListPage, filters_of, listing, page_of
from api.v1.audit.finding import EventSearch
from api.v1.audit.of_restores import TrailFilters
from api.v1.audit.pagination import LogKeyset
from api.v1.pagination import ordering
from infrastructure.event_store.models import Event

PAGE = 40
"""Events of a page, at most."""
BYTES = 75_000
"""A page ends before its events would take about so many bytes."""
RESERVED = frozenset({"cursor", "ordering"})


class OfferedEvents:
    """What the list offers: see `api.v1.pagination.ordering`."""

    ordering_fields = {"position": "position"}
    default_ordering = ("-position",)


def page_of_events(given: Mapping[str, str]) -> ListPage:
    """The page of events of `event_heads` with these parameters. Raises `CannotList`."""
    plain = {name: value for name, value in given.items() if name not in RESERVED}
    with listing():
        filters = filters_of(TrailFilters, plain, EventSearch(Event))
        search = filters.filter_queryset(EventSearch(Event))
        keyset = LogKeyset.of(Event, ordering(given, OfferedEvents, Event))
        return page_of(keyset, search, given.get("cursor"), PAGE, _fitting)


def _fitting(rows: list[Any]) -> int:
    """How many of these events fit on a page."""
    total = 0
    for count, row in enumerate(rows):
        total += 1_200 + min(row.state_size, 3_600) + min(row.metadata_size, 800)
        if count and total > BYTES:
            return count
    return len(rows)
