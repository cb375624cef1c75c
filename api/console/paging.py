"""What all lists of the console do alike: they check filters, cut pages, and refuse in words."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import QuerySet

from api.problems import Problem
from api.remedies import on_page
from api.v1.filters.extra import having_extra
from api.v1.keyset import CursorPosition, CursorUnreadable, Keyset
from domain.errors import RestoreLogError
from infrastructure.databases.asked_once import asking_once
from infrastructure.databases.time_limit import TookTooLong, time_limit

PAGE = 50
"""Rows of a page."""
EVERY = 5
"""Seconds between two looks of a list that is left open."""
SHARE = 20
"""How much longer than its reading takes it is left alone: a slow one is asked for less often."""


class CannotList(Exception):
    """The list cannot be shown: why, in words, and the HTTP status that says so."""

    def __init__(self, why: str, status: int) -> None:
        super().__init__(why)
        self.why, self.status = why, status


@dataclass(frozen=True)
class ListPage:
    """A page of a list. `newer` and `older` are the cursors of the pages beside it."""

    rows: list[Any]
    newer: str | None
    older: str | None


@contextmanager
def listing() -> Iterator[None]:
    """Within it a list is read, in limited time. What is refused is raised as `CannotList`."""
    try:
        with time_limit(connections["default"], settings.LIST_SECONDS), asking_once():
            yield
    except Problem as problem:
        raise CannotList(str(problem.detail), problem.status_code) from problem
    except CursorUnreadable as error:
        raise CannotList("This page cannot be found again. Begin with the first.", 400) from error
    except TookTooLong as error:
        told = f"The list was not read within {settings.LIST_SECONDS:g} seconds. Add a filter."
        raise CannotList(told, 503) from error
    except RestoreLogError as error:
        raise CannotList(error.message.said(on_page), 400) from error


def page_of(
    keyset: Keyset,
    rows: Any,
    cursor: str | None,
    size: int = PAGE,
    fitting: Callable[[list[Any]], int] = len,
) -> ListPage:
    """The page of these rows at a cursor; without one, the first. Raises `CursorUnreadable`.

    `fitting` says how many of the rows, nearest first, fit on the page.
    """
    place = None if cursor is None else keyset.decode(cursor)
    found = keyset.page(rows, place, size + 1)
    fit = min(size, fitting(found))
    more, found = len(found) > fit, found[:fit]
    backwards = place is not None and place.backwards
    if backwards:
        found.reverse()
    older, newer = (True, more) if backwards else (more, place is not None)
    return ListPage(
        rows=found,
        newer=_cursor(keyset, found, 0) if newer and found else None,
        older=_cursor(keyset, found, -1) if older and found else None,
    )


def seconds_between_looks(began: float) -> int:
    """How often a list is asked for whose reading began at this time, by `monotonic`."""
    return max(EVERY, ceil(SHARE * (monotonic() - began)))


def filters_of(kind: type[Any], given: Mapping[str, str], rows: Any) -> Any:
    """The filters of a list with these values, checked. Raises `CannotList`."""
    unknown = sorted(given.keys() - kind.base_filters.keys())
    if unknown:
        raise CannotList(f"There is no filter {unknown[0][:60]!r}.", 400)
    found = kind(given, queryset=rows)
    if not found.is_valid():
        name, told = next(iter(found.errors.items()))
        raise CannotList(f"{name.replace('_', ' ')}: {told[0]}", 400)
    return found


def with_extra(rows: QuerySet[Any], extra: Mapping[str, str]) -> QuerySet[Any]:
    """Those of these rows with these values in the host's other columns. Raises `CannotList`."""
    for name, value in extra.items():
        try:
            rows = having_extra(rows, name, value)
        except ValidationError as error:
            raise CannotList(f"{name}: {error.messages[0]}", 400) from error
    return rows


def note_on_word(word: str, nearest: str | None) -> str:
    """What is said of a word that no row has."""
    like = f" The nearest is {nearest!r}." if nearest else ""
    return f"No row has {word[:60]!r}.{like}"


def _cursor(keyset: Keyset, rows: list[Any], which: int) -> str:
    values = keyset.values_of(rows[which])
    return keyset.encode(CursorPosition(values, backwards=which == 0))
