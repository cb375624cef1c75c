"""Filters of the log that ask the tables: by words of restores, and by what was overwritten.

For pages and files. A follower has none of them: a table may come to an event after the follower.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

import django_filters
from django.db.models import Exists, OuterRef, Q
from drf_spectacular.utils import extend_schema_field

from api.problems import Problem
from api.v1.audit.filters import EventFilters, of_topics
from api.v1.audit.finding import Condition, EventSearch
from api.v1.filters import kinds
from api.v1.filters.search import WORDS, SearchField
from api.v1.filters.vocabulary import Word
from domain.restores.events import RestoreImported, RestoreRequested
from projections.database_management import models as legacy
from projections.history.stream_names import rows_with_id
from projections.mapping.searched import RESTORE_TEXTS
from projections.searching import with_words
from projections.system_backups import models as consolidated

FEW = 500
"""Restores, at most, whose events are looked for one by one."""


@extend_schema_field(WORDS)
class OfRestores(django_filters.Filter):
    """Events of the restores that have these words, and of what has this UUID or id."""

    field_class = SearchField

    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        return qs.fitting(_with_words(value)) if value else qs


class Overwriting(Word):
    """Only the first events of restores that overwrote their target: who asked for it, and why.

    A few are looked for one by one. If there are many, the log is searched in the order of the
    list, and soon has a page of them.
    """

    def filter(self, qs: EventSearch, value: Any) -> EventSearch:
        if value is None:
            return qs
        rows = consolidated.RestoreLog.objects.filter(is_overwrite=True).order_by()
        # Those of another condition's few events are looked at one by one anyway.
        if not any(one.narrow for one in qs.conditions):
            streams = list(rows.values_list("restore_id", flat=True)[: FEW + 1])
            if len(streams) <= FEW:
                return qs.fitting(_of_streams(streams, first=True))
        each = Q(Exists(rows.filter(restore_id=OuterRef("stream_id"))))
        first = of_topics(RestoreRequested.TOPIC, RestoreImported.TOPIC)
        indexed = tuple(one & each for one in first.indexed)
        return qs.fitting(first._replace(indexed=indexed, plain=first.plain & each))


@kinds.described
class TrailFilters(EventFilters):
    """All filters of the log."""

    search = OfRestores(
        label="Words that all occur in the texts of a restore, or the id or UUID of a restore or "
        "backup: its events."
    )
    overwrites = Overwriting(
        ("true",), label="Only the first events of restores that overwrote their target."
    )


def _with_words(words: Sequence[str]) -> Condition:
    text = " ".join(words)
    stream = _as_uuid(text)
    if stream is not None:
        return _of_streams([stream])
    is_id = text.isascii() and text.isdigit() and len(text) < 19
    with_id = rows_with_id(int(text)) if is_id else []
    # Before a cut-over the legacy rows are in their own table alone.
    having = [
        with_words(table.objects.all(), RESTORE_TEXTS, words)
        .order_by()
        .values_list("restore_id", flat=True)
        for table in (consolidated.RestoreLog, legacy.RestoreLog)
    ]
    first, *others = [*with_id, *having]
    # Afterwards they are in both: among twice as many rows are more than `FEW` restores.
    rows = first.union(*others, all=True)[: 2 * FEW + 1 + len(with_id)]
    found = {UUID(str(one)) for one in rows}
    if len(found) > FEW:
        told = f"More than {FEW} restores match these words. Add a word."
        raise Problem(HTTPStatus.BAD_REQUEST, "too_many_restores", told, parameter="search")
    return _of_streams(sorted(found))


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _of_streams(streams: Sequence[UUID], *, first: bool = False) -> Condition:
    """All events of these streams, or the first of each."""
    # The nil UUID is nobody's: a condition that nothing meets is no statement.
    one = Q(stream_id__in=streams or [UUID(int=0)])
    if first:
        one &= Q(stream_version=1)
    return Condition(
        (one,),
        one,
        lambda event: event.stream_id in streams and (event.stream_version == 1 or not first),
        narrow=True,
    )
