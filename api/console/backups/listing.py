"""The rows of the list of backups. Its filters and orders are those of REST."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from api.console.paging import (
    ListPage,
    filters_of,
    listing,
    note_on_word,
    page_of,
    with_extra,
)
from api.v1.backups.listed import DEFAULT_ORDERING, ORDERING, BackupFilters
from api.v1.filters.extra import is_extra
from api.v1.filters.vocabulary import notes_on_words
from api.v1.keyset import Keyset
from api.v1.left_out import withheld_from
from api.v1.pagination import ordering
from projections.system_backups.models import BackupLog, RestoreLog

RESERVED = frozenset({"cursor", "ordering"})


class OfferedBackups:
    """What the list offers: see `api.v1.pagination.ordering`."""

    filterset_class = BackupFilters
    ordering_fields = ORDERING
    default_ordering = DEFAULT_ORDERING


@dataclass(frozen=True)
class PageOfBackups(ListPage):
    """A page of the list. Each row has `last_restored`, and whether a restore was `validated`."""

    left_out: int
    """How many backups have no row in the table. 0 on further pages."""
    notes: list[str]
    """What is to be said of words that no row has."""


def page_of_backups(given: Mapping[str, str]) -> PageOfBackups:
    """The page with these parameters, which mean what they mean over REST.

    Raises `CannotList`.
    """
    extra = {name: value for name, value in given.items() if is_extra(name)}
    plain = {
        name: value for name, value in given.items() if name not in extra and name not in RESERVED
    }
    with listing():
        filters = filters_of(BackupFilters, plain, BackupLog.objects.none())
        rows = with_extra(filters.filter_queryset(_rows()), extra)
        keyset = Keyset.of(BackupLog, ordering(given, OfferedBackups, BackupLog))
        page = page_of(keyset, rows, given.get("cursor"))
        left_out, notes = 0, list[Any]()
        if "cursor" not in given:
            left_out = sum(withheld_from(BackupLog._meta.label).values())
            words = BackupFilters.open_words
            notes = notes_on_words(BackupLog, words, given, empty=not page.rows, search_log=False)
    told = [note_on_word(note["value"], note["nearest"]) for note in notes]
    return PageOfBackups(page.rows, page.newer, page.older, left_out, told)


def _rows() -> QuerySet[BackupLog]:
    """All backups, each with what the list says of the restores made from it."""
    restores = RestoreLog.objects.filter(source_backup_id=OuterRef("pk"))
    latest = restores.order_by("-created_at", "-id").values("created_at")[:1]
    return BackupLog.objects.defer("extra").annotate(
        last_restored=Subquery(latest),
        validated=Exists(restores.filter(validation__isnull=False)),
    )
