"""The rows of the list of restores. Its filters, orders and moments are those of REST."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import QuerySet

from api.problems import Problem
from api.remedies import on_page
from api.v1.filters.extra import having_extra, is_extra
from api.v1.filters.vocabulary import notes_on_words
from api.v1.keyset import CursorPosition, CursorUnreadable, Keyset
from api.v1.pagination import ordering
from api.v1.restores import as_of, filters
from api.v1.restores.absent import left_out_at
from api.v1.restores.present import NAME as PRESENT
from api.v1.rows import heads
from domain.errors import RestoreLogError
from infrastructure.databases.time_limit import TookTooLong, time_limit
from infrastructure.running.models import Heartbeat
from projections.row_versions.models import RestoreVersion
from projections.system_backups.models import RestoreLog

PAGE = 50
"""Rows of a page."""
MESSAGE = 160
"""Characters of a message that are read for the list."""
RESERVED = frozenset({"cursor", "ordering", "as_of"})


class CannotList(Exception):
    """The list cannot be shown: why, in words, and the HTTP status that says so."""

    def __init__(self, why: str, status: int) -> None:
        super().__init__(why)
        self.why, self.status = why, status


class Offered:
    """What the list offers: see `api.v1.pagination.ordering`."""

    filterset_class = filters.RestoreFilters
    ordering_fields = filters.ORDERING
    default_ordering = ("-created_at",)
    interval_ordering = filters.BY_INTERVAL


@dataclass(frozen=True)
class PageOfRestores:
    """A page of the list. `newer` and `older` are the cursors of the pages beside it."""

    rows: list[Any]
    newer: str | None
    older: str | None
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
    try:
        with time_limit(connections["default"], settings.LIST_SECONDS):
            return _page(given)
    except Problem as problem:
        raise CannotList(str(problem.detail), problem.status_code) from problem
    except CursorUnreadable as error:
        raise CannotList("This page cannot be found again. Begin with the first.", 400) from error
    except TookTooLong as error:
        told = f"The list was not read within {settings.LIST_SECONDS:g} seconds. Add a filter."
        raise CannotList(told, 503) from error
    except RestoreLogError as error:
        raise CannotList(error.message.said(on_page), 400) from error


def _page(given: Mapping[str, str]) -> PageOfRestores:
    moment = as_of.moment_of(given)
    chosen = _Chosen(given, moment)
    keyset = Keyset.of(RestoreLog, ordering(given, Offered, RestoreLog))
    if moment is not None:
        keyset = as_of.MomentKeyset.at(keyset, moment)
    cursor = given.get("cursor")
    place = None if cursor is None else keyset.decode(cursor)
    rows = keyset.page(chosen.rows(), place, PAGE + 1)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    backwards = place is not None and place.backwards
    if backwards:
        rows.reverse()
    older, newer = (True, more) if backwards else (more, place is not None)
    left_out = notes = None
    if place is None:
        if moment is None or not moment.absent:
            left_out = left_out_at(moment, chosen.matching)
        words = Offered.filterset_class.open_words
        notes = notes_on_words(RestoreLog, words, given, empty=not rows, search_log=False)
    return PageOfRestores(
        rows=rows,
        newer=_cursor(keyset, rows, 0) if newer and rows else None,
        older=_cursor(keyset, rows, -1) if older and rows else None,
        left_out=sum((left_out or {}).values()),
        notes=[_note(note["value"], note["nearest"]) for note in notes or []],
        position=None if moment is None or moment.shown is None else moment.position,
    )


def _note(word: str, nearest: str | None) -> str:
    """What is said of a word that no row has."""
    like = f" The nearest is {nearest!r}." if nearest else ""
    return f"No row has {word[:60]!r}.{like}"


def _cursor(keyset: Keyset, rows: list[Any], which: int) -> str:
    values = keyset.values_of(rows[which])
    return keyset.encode(CursorPosition(values, backwards=which == 0))


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
        unknown = sorted(plain.keys() - Offered.filterset_class.base_filters.keys())
        if unknown:
            raise CannotList(f"There is no filter {unknown[0][:60]!r}.", 400)
        self.filters = Offered.filterset_class(plain, queryset=RestoreLog.objects.none())
        self.filters.now = None if moment is None else moment.time
        if not self.filters.is_valid():
            name, told = next(iter(self.filters.errors.items()))
            raise CannotList(f"{name.replace('_', ' ')}: {told[0]}", 400)

    def rows(self) -> QuerySet[Any]:
        """Those that the page shows."""
        if self.moment is None:
            rows = heads(RestoreLog, MESSAGE, 1)
        else:
            versions = heads(RestoreVersion, MESSAGE, 1).defer("absent_row")
            rows = as_of.rows_at(versions, self.moment)
        return self._by_extra(self.filters.filter_queryset(rows))

    def matching(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of these that would be on it, if they were in the table."""
        found = self.filters.filter_queryset(rows, without=frozenset({PRESENT}))
        return self._by_extra(found)

    def _by_extra(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        for name, value in self.extra.items():
            try:
                rows = having_extra(rows, name, value)
            except ValidationError as error:
                raise CannotList(f"{name}: {error.messages[0]}", 400) from error
        return rows


def heartbeats(rows: list[Any]) -> Iterator[tuple[UUID, Heartbeat]]:
    """The last heartbeat of each of these restores that runs and has one."""
    running = [row.restore_id for row in rows if row.status == "in_progress"]
    if running:
        for beat in Heartbeat.objects.filter(restore_id__in=running).defer("output"):
            yield beat.restore_id, beat
