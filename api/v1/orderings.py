"""The orderings that lists offer: those that an index of the table serves.

An index serves an ordering by its columns, in both directions. It says how ties are broken as
well: with `(status, created_at, id)`, rows with the same status are ordered by when they were
created. The index of a column with few values goes on with `created_at`, so that it also serves a
filter by one value in the default ordering.

A list can also be ordered by what is computed from columns, if an index has it.
"""

from collections.abc import Mapping

from django.db.models import DateTimeField, Expression, Field, Model

from projections.mapping.counting_moment import COUNTS_AT

COUNTING = "counts_at"
COMPUTED: Mapping[str, Expression] = {COUNTING: COUNTS_AT}
"""What is computed from columns, and never NULL, by the name of its ordering."""


def field_of(model: type[Model], name: str, *, null: bool = False) -> Field:
    """The field of a column, or of what is computed; `null` says whether that can be NULL."""
    if name not in COMPUTED:
        field: Field = model._meta.get_field(name)
        return field
    field = DateTimeField(null=null)
    field.set_attributes_from_name(name)
    return field


def offered(model: type[Model], columns: Mapping[str, str]) -> dict[str, str]:
    """Those of these columns, by parameter, by which the table can be ordered."""
    return {name: column for name, column in columns.items() if _rest(model, column) is not None}


def ties(model: type[Model], columns: list[str]) -> list[str]:
    """The columns by which an ordering by `columns` goes on, of which the last is the id."""
    key = str(model._meta.pk.attname)
    if key in columns:
        return []
    rest, given = _rest(model, columns[0]) or [key], columns[1:]
    return rest[len(given) :] if given == rest[: len(given)] else [key]


def is_served(model: type[Model], columns: list[str]) -> bool:
    """Whether an index serves the ordering by `columns`, written as in `order_by`.

    If few rows have the same value in the first column, it is enough that an index has that one.
    """
    names = [column.removeprefix("-") for column in columns]
    rest = _rest(model, names[0])
    if rest is None:
        return False
    if rest in ([], [model._meta.pk.attname]):
        return True
    one_direction = len({column.startswith("-") for column in columns}) == 1
    return len(names) == 1 or (one_direction and names[1:] == rest[: len(names) - 1])


def _rest(model: type[Model], column: str) -> list[str] | None:
    """The columns that follow this one in its index, up to the id; None if it has no index."""
    key = str(model._meta.pk.attname)
    if column == key:
        return []
    if column in COMPUTED:
        computed = [index.expressions[0] for index in model._meta.indexes if index.expressions]
        return [key] if COMPUTED[column] in computed else None
    if model._meta.get_field(column).unique:
        return [key]
    for index in model._meta.indexes:
        if index.fields[:1] == [column] and index.condition is None and key in index.fields:
            return list(index.fields[1 : index.fields.index(key) + 1])
    return None
