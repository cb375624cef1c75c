"""The events of the audit log, newest first. Its filters are REST's, and two that need tables."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q

from api.console.audit.filtering import ONLY_HERE, OVERWRITES, SEARCH
from api.console.paging import CannotList, ListPage, filters_of, listing, page_of
from api.v1.audit.filters import EventFilters, of_topics
from api.v1.audit.finding import Condition, EventSearch
from api.v1.audit.pagination import LogKeyset
from api.v1.filters.search import SearchField
from api.v1.pagination import ordering
from domain.restores.events import RestoreImported, RestoreRequested
from infrastructure.event_store.models import Event
from projections.history.stream_names import streams_with_id
from projections.mapping.searched import RESTORE_TEXTS
from projections.searching import with_words
from projections.system_backups.models import RestoreLog

PAGE = 40
"""Events of a page, at most."""
BYTES = 75_000
"""A page ends before its events would take about so many bytes."""
FEW = 500
"""Restores, at most, whose events are looked for one by one."""
RESERVED = frozenset({"cursor", "ordering"}) | ONLY_HERE


class OfferedEvents:
    """What the list offers: see `api.v1.pagination.ordering`."""

    ordering_fields = {"position": "position"}
    default_ordering = ("-position",)


def page_of_events(given: Mapping[str, str]) -> ListPage:
    """The page of events of `event_heads` with these parameters. Raises `CannotList`."""
    plain = {name: value for name, value in given.items() if name not in RESERVED}
    with listing():
        filters = filters_of(EventFilters, plain, EventSearch(Event))
        search = filters.filter_queryset(EventSearch(Event))
        if SEARCH in given:
            search = search.fitting(_with_words(given[SEARCH]))
        if OVERWRITES in given:
            search = _overwriting(search, given[OVERWRITES])
        keyset = LogKeyset.of(Event, ordering(given, OfferedEvents, Event))
        return page_of(keyset, search, given.get("cursor"), PAGE, _fitting)


def _with_words(text: str) -> Condition:
    """Events of the restores that have these words, and of what has this UUID or id."""
    try:
        words = SearchField().clean(text)
    except ValidationError as error:
        raise CannotList(f"search: {error.messages[0]}", 400) from error
    found = _with_id(text.strip())
    if found and not text.strip().isdigit():
        return _of_streams([*found])
    rows = with_words(RestoreLog.objects.all(), RESTORE_TEXTS, words).order_by()
    found |= set(rows.values_list("restore_id", flat=True)[: FEW + 1])
    if len(found) > FEW:
        told = f"More than {FEW} restores match these words. Add a word."
        raise CannotList(told, 400)
    return _of_streams(sorted(found))


def _with_id(text: str) -> set[UUID]:
    """The restores and backups with this UUID, or with this id in a table."""
    if text.isascii() and text.isdigit() and len(text) < 19:
        return streams_with_id(int(text))
    try:
        return {UUID(text)}
    except ValueError:
        return set()


def _of_streams(streams: Sequence[UUID], more: Q | None = None) -> Condition:
    # The nil UUID is nobody's: a condition that nothing meets is no statement.
    one = Q(stream_id__in=streams or [UUID(int=0)]) & (more or Q())
    return Condition((one,), one, lambda event: event.stream_id in streams, narrow=True)


def _overwriting(search: EventSearch, asked: str) -> EventSearch:
    """Only the first events of restores that overwrote their target: who asked for it, and why.

    A few are looked for one by one. If there are many, the log is searched from its end, and soon
    has a page of them.
    """
    if asked != "true":
        raise CannotList(f"{OVERWRITES}: Give true.", 400)
    rows = RestoreLog.objects.filter(is_overwrite=True).order_by()
    streams = list(rows.values_list("restore_id", flat=True)[: FEW + 1])
    if len(streams) <= FEW:
        return search.fitting(_of_streams(streams, Q(stream_version=1)))
    each = Q(Exists(rows.filter(restore_id=OuterRef("stream_id"))))
    first = of_topics(RestoreRequested.TOPIC, RestoreImported.TOPIC)
    indexed = tuple(one & each for one in first.indexed)
    return search.fitting(first._replace(indexed=indexed, plain=first.plain & each))


def _fitting(rows: list[Any]) -> int:
    """How many of these events fit on a page."""
    total = 0
    for count, row in enumerate(rows):
        total += 1_200 + min(row.state_size, 3_600) + min(row.metadata_size, 800)
        if count and total > BYTES:
            return count
    return len(rows)
