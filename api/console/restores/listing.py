"""The rows of the list of restores. Its filters, orders and moments are those of REST."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from api.console.paging import (
    ListPage,
    filters_of,
    listing,
    note_on_word,
    page_of,
    with_extra,
)
from api.v1.filters.extra import is_extra
from api.v1.filters.vocabulary import notes_on_words
from api.v1.keyset import Keyset
from api.v1.pagination import ordering
from api.v1.restores import as_of, filters
from api.v1.restores.absent import left_out_at
from api.v1.restores.present import NAME as PRESENT
from api.v1.rows import heads
from infrastructure.running.models import Heartbeat
from projections.row_versions.models import RestoreVersion
from projections.system_backups.models import RestoreLog

MESSAGE = 160
"""Characters of a message that are read for the list."""
RESERVED = frozenset({"cursor", "ordering", "as_of"})


class Offered:
    """What the list offers: see `api.v1.pagination.ordering`."""

    filterset_class = filters.RestoreFilters
    ordering_fields = filters.ORDERING
    default_ordering = ("-created_at",)
    interval_ordering = filters.BY_INTERVAL


@dataclass(frozen=True)
class PageOfRestores(ListPage):
    """A page of the list."""

    left_out: int
    """How many restores match and have no row in the table. 0 on further pages, and if the list has
    these restores: it lacks only those whose id does not fit."""
    notes: list[str]
    """What is to be said of words that no row has."""
    position: int | None
    """The position of the log that the list is as of; None if it is of the present."""


def page_of_restores(given: Mapping[str, str]) -> PageOfRestores:
    """The page with these parameters, which mean what they mean over REST.

    Raises `CannotList`.
    """
    with listing():
        return _page(given)


def _page(given: Mapping[str, str]) -> PageOfRestores:
    moment = as_of.moment_of(given)
    chosen = _Chosen(given, moment)
    keyset = Keyset.of(RestoreLog, ordering(given, Offered, RestoreLog))
    if moment is not None:
        keyset = as_of.MomentKeyset.at(keyset, moment)
    page = page_of(keyset, chosen.rows(), given.get("cursor"))
    position = None if moment is None or moment.shown is None else moment.position
    left_out = notes = None
    if "cursor" not in given:
        if moment is None or not moment.absent:
            left_out = left_out_at(moment, chosen.matching)
        words = Offered.filterset_class.open_words
        # They are of the rows that there are now.
        if position is None:
            notes = notes_on_words(RestoreLog, words, given, empty=not page.rows, search_log=False)
    return PageOfRestores(
        rows=page.rows,
        newer=page.newer,
        older=page.older,
        left_out=sum((left_out or {}).values()),
        notes=[note_on_word(note["value"], note["nearest"]) for note in notes or []],
        position=position,
    )


class _Chosen:
    """The rows that fit the parameters."""

    def __init__(self, given: Mapping[str, str], moment: as_of.ListMoment | None) -> None:
        self.moment = moment
        self.extra = {name: value for name, value in given.items() if is_extra(name)}
        plain = {
            name: value
            for name, value in given.items()
            if name not in self.extra and name not in RESERVED
        }
        self.filters = filters_of(Offered.filterset_class, plain, RestoreLog.objects.none())
        self.filters.now = None if moment is None else moment.time

    def rows(self) -> QuerySet[Any]:
        """Those that the page shows."""
        if self.moment is None:
            rows = heads(RestoreLog, MESSAGE, 1)
        else:
            versions = heads(RestoreVersion, MESSAGE, 1).defer("absent_row")
            rows = as_of.rows_at(versions, self.moment)
        found = with_extra(self.filters.filter_queryset(rows), self.extra)
        none = as_of.holds_none(self.moment, self.filters.form.cleaned_data)
        return found.none() if none else found

    def matching(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of these that would be on it, if they were in the table."""
        found = self.filters.filter_queryset(rows, without=frozenset({PRESENT}))
        return with_extra(found, self.extra)


def heartbeats(rows: list[Any]) -> Iterator[tuple[UUID, Heartbeat]]:
    """The last heartbeat of each of these restores that runs now and has one."""
    running = [row.restore_id for row in rows if row.status == "in_progress"]
    if running:
        for beat in Heartbeat.objects.filter(restore_id__in=running).defer("output"):
            yield beat.restore_id, beat
