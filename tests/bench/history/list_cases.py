"""What lists are asked: each ordering, each filter alone, searches; now and as of positions."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model
from django_filters import Filter

from api.v1.backups.views import BackupList
from api.v1.filters.kinds import JSONText
from api.v1.filters.search import Search
from api.v1.keyset import CursorPosition, Keyset
from api.v1.orderings import COMPUTED
from api.v1.restores.as_of import MomentKeyset
from api.v1.restores.views import LegacyRestoreList, RestoreList
from tests.bench.history.asking import Case, case

RESTORES = ("restores/", RestoreList)
LISTS = (RESTORES, ("legacy/restores/", LegacyRestoreList), ("backups/", BackupList))
SHARES = (0.02, 0.5, 0.98)
"""Where in a table rows are taken whose values are asked for, by when they were created."""

ORDERINGS = "orderings of lists"
FILTERS = "filters of lists, each alone"
SEARCHES, SHORT_WORDS = "searches without a hit", "searches for two letters"
WHOLE_READS = "filters of long texts, without an index"
PAST, PAST_SEARCHES = "lists as of a position", "searches as of a position"
NO_HIT, NO_SHORT_HIT, SHORT_HIT = "nosuchword", "qq", "sh"


def both_keys(rows: Sequence[Any]) -> list[object]:
    """The backup of a row: by its id, and by its UUID."""
    made = next(row for row in rows if row.backup_id is not None)
    return [made.source_backup_id, made.backup_id]


GIVEN: dict[str, Callable[[Sequence[Any]], list[object]]] = {
    "backup": both_keys,
    "never_restored": lambda rows: [True, False],
    "never_validated": lambda rows: [True, False],
    "ever": lambda rows: ["failed", "in_progress"],
    "is_overwrite": lambda rows: [True, False],
    "status": lambda rows: ["completed", "failed", "in_progress"],
    "validation": lambda rows: ["passed", "failed"],
    "warnings_count": lambda rows: [1],
    "since": lambda rows: [row.created_at for row in rows],
    "until": lambda rows: [row.created_at for row in rows],
    "last": lambda rows: ["24h", "10000 days"],
    "tz": lambda rows: ["Europe/Berlin"],
    "present": lambda rows: ["true", "any", "false"],
    "run_by": lambda rows: ["ada", "nobody"],
}
"""What is asked of filters that no column has, or whose column has few values."""


def samples(model: type[Model]) -> list[Any]:
    """Rows from near the beginning, the middle and the end of a table."""
    columns = {field.attname for field in model._meta.fields}
    computed = COMPUTED if "completed_at" in columns else {}
    rows = model._default_manager.exclude(created_at=None).annotate(**computed)
    rows = rows.order_by("created_at")
    last = rows.count() - 1
    return [rows[int(share * last)] for share in SHARES]


def present() -> Iterator[Case]:
    """All that is asked of the three lists as they are now."""
    for path, view in LISTS:
        rows = samples(view.queryset.model)
        yield from orderings(ORDERINGS, path, view, rows[1])
        for name, value in filters(view, rows):
            one = view.filterset_class.base_filters[name]
            yield case(WHOLE_READS if reads_all(one) else FILTERS, path, **{name: value})
        yield case(SEARCHES, path, search=NO_HIT)
        yield case(SEARCHES, path, search=f"{NO_HIT} {SHORT_HIT}")
        for word in (NO_SHORT_HIT, SHORT_HIT):
            yield case(SHORT_WORDS, path, search=word)


def past(positions: Sequence[int]) -> Iterator[Case]:
    """The same of restores as of each of these positions; filters as of the second and last."""
    path, view = RESTORES
    rows = samples(view.queryset.model)
    for position in positions:
        yield from orderings(PAST, path, view, rows[1], position)
    for position in (positions[1], positions[-1]):
        for name, value in filters(view, rows):
            yield case(PAST, path, **{name: value}, as_of=position)
        for word in (NO_HIT, NO_SHORT_HIT, SHORT_HIT):
            yield case(PAST_SEARCHES, path, search=word, as_of=position)


def orderings(
    group: str, path: str, view: Any, row: Any, position: int | None = None
) -> Iterator[Case]:
    """Each ordering, in both directions: its first page, and the one after this row."""
    moment = {} if position is None else {"as_of": position}
    for name, column in view.ordering_fields.items():
        for sign in ("", "-"):
            first = case(group, path, ordering=sign + name, **moment)
            yield first
            keyset = Keyset.of(type(row), [sign + column])
            if position is not None:
                keyset = MomentKeyset(keyset.columns, position)
            cursor = keyset.encode(CursorPosition(keyset.values_of(row)))
            yield Case(group, f"{first.name}, deep", f"{first.path}&cursor={cursor}")


def filters(view: Any, rows: Sequence[Any]) -> Iterator[tuple[str, object]]:
    """Each filter of a list, with values that find few rows and many."""
    model = view.queryset.model
    for name, one in view.filterset_class.base_filters.items():
        if isinstance(one, Search) or name in unasked(view):
            continue
        values = GIVEN[name](rows) if name in GIVEN else _values(model, one, rows)
        yield from ((name, _written(value)) for value in dict.fromkeys(values))


def unasked(view: Any) -> list[str]:
    """The filters of a list of which nobody has said what to ask."""
    columns = {field.attname for field in view.queryset.model._meta.fields}
    return [
        name
        for name, one in view.filterset_class.base_filters.items()
        if not isinstance(one, Search) and name not in GIVEN and one.field_name not in columns
    ]


def reads_all(one: Filter) -> bool:
    """Whether a filter is of a text that no index has."""
    return isinstance(one, JSONText)


def _values(model: type[Model], one: Filter, rows: Sequence[Any]) -> list[object]:
    column = one.field_name
    if one.lookup_expr == "isnull":
        return [True, False]
    values = [getattr(row, column) for row in rows if getattr(row, column) is not None]
    if not values:
        having = model._default_manager.filter(**{f"{column}__isnull": False})
        values = list(having.values_list(column, flat=True)[:1])
    if one.lookup_expr == "in":
        return [",".join(dict.fromkeys(map(str, values)))] if values else []
    return values


def _written(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
    return str(value)
