"""The filters of a table: every column, ranges on times and numbers, and search."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, get_args

import django_filters
from django.db import models
from django.db.models.expressions import Combinable

from api.v1.filters import kinds
from api.v1.filters.interval import IntervalFilters, interval_filters
from api.v1.filters.search import ExactText, Search
from api.v1.filters.vocabulary import AnyWord, Word
from domain.restores.values import CheckResult, Origin
from projections.engine.searched_texts import SearchedTexts

Kind = Callable[..., django_filters.Filter]
KINDS: tuple[tuple[type[models.Field], type[django_filters.Filter]], ...] = (
    (models.BooleanField, kinds.Truth),
    (models.IntegerField, kinds.Whole),
    (models.DateTimeField, kinds.TimeFilter),
    (models.UUIDField, kinds.Identifier),
    (models.CharField, kinds.Text),
    (models.TextField, kinds.Text),
)
SHORT = 20
"""Text columns up to this length contain words to choose from: they get `…_in`."""
CLOSED = {"origin": get_args(Origin), "validation": get_args(CheckResult)}
"""Columns whose words are the service's own."""
USERS = frozenset({"created_by_id"})
"""Columns with the key of a host's user, as text."""


def row_filters(
    model: type[models.Model],
    columns: Mapping[str, str],
    search: SearchedTexts,
    moment: tuple[Combinable, str],
    json: frozenset[str] = frozenset(),
    more: Mapping[str, django_filters.Filter] | None = None,
) -> type[IntervalFilters]:
    """A FilterSet for `columns`, which maps parameter names to the model's columns.

    `moment` is the moment of a row, for intervals, and what it is in words. `json` are the text
    columns that hold JSON; `more` are filters that no column has.
    """
    filters: dict[str, Any] = {"search": Search(search)}
    for name, column in columns.items():
        field = model._meta.get_field(column)
        kind: Kind = kinds.JSONText if column in json else _kind(field)
        if kind is kinds.Text and isinstance(field, models.TextField) and column in search.columns:
            kind = partial(ExactText, search)
        filters |= _filters(name, column, field, kind)
    filters |= interval_filters(moment[1]) | dict(more or {})
    meta = type("Meta", (), {"model": model, "fields": []})
    open_words = {
        name: column
        for name, column in columns.items()
        if f"{name}_in" in filters and column not in CLOSED
    }
    members = {"Meta": meta, "open_words": open_words, "moment": moment[0], **filters}
    return kinds.described(type(f"{model.__name__}Filters", (IntervalFilters,), members))


def _kind(field: models.Field) -> type[django_filters.Filter]:
    return next(kind for of, kind in KINDS if isinstance(field, of))


def _filters(
    name: str,
    column: str,
    field: models.Field,
    kind: Kind,
) -> dict[str, django_filters.Filter]:
    absent = {
        f"{name}_isnull": kinds.Truth(
            field_name=column, lookup_expr="isnull", label=f"Whether there is no {name}."
        )
    }
    if column in CLOSED:
        words = CLOSED[column]
        return {
            **(absent if field.null else {}),
            name: Word(words, field_name=column, label=f"Exactly this {name}."),
            f"{name}_in": AnyWord(
                words,
                field_name=column,
                lookup_expr="in",
                label=f"Any of these {name}s, comma-separated.",
            ),
        }
    if column in USERS:
        kind = kinds.Key
    label = f"Exactly this {name}."
    if kind is kinds.JSONText:
        label += " A JSON object: all of the host's columns that have none here, as rows show them."
    filters = {name: kind(field_name=column, label=label)}
    low, high = ("after", "before") if kind is kinds.TimeFilter else ("min", "max")
    if kind in (kinds.TimeFilter, kinds.Whole):
        filters[f"{name}_{low}"] = kind(
            field_name=column, lookup_expr="gte", label=f"This {name} or later."
        )
        filters[f"{name}_{high}"] = kind(
            field_name=column, lookup_expr="lte", label=f"This {name} or earlier."
        )
    if isinstance(field, models.CharField) and (field.max_length or 0) <= SHORT:
        filters[f"{name}_in"] = kinds.OneOf(
            field_name=column, lookup_expr="in", label=f"Any of these {name}s, comma-separated."
        )
    return filters | (absent if field.null else {})
