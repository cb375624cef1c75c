"""Keyset pagination: a page begins after the row with given values.

A cursor names the last row of a page by the values of the ordering columns, of which the id is
always the last. So deep pages cost no more than the first, ties do not matter, and new rows do not
shift pages. NULL counts as greater than every value, on every database: last when ascending, first
when descending, as in PostgreSQL.

The rows after a position are those that have the same values in some first columns, and a greater
one in the next. Neither database finds them in an index when they are asked for in one condition
with `OR`. So each such part is asked for by itself, the nearest first, until the page is full.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import (
    BooleanField,
    DateTimeField,
    F,
    Field,
    Func,
    IntegerField,
    Model,
    Q,
    QuerySet,
    UUIDField,
    Value,
)
from django.db.models.expressions import OrderBy
from django.db.models.sql.where import WhereNode

from api.v1.filters.fields import BIGINT
from api.v1.orderings import COMPUTED, field_of, ties
from projections.by_index import by_index
from projections.few_rows import index_of_few

UNREADABLE = (
    *(UnicodeError, binascii.Error, msgspec.DecodeError),
    # A time whose UTC is out of range; lists that are nested too deeply.
    *(OverflowError, RecursionError),
)


class CursorUnreadable(ValueError):
    """The cursor is not from this service, or is for another ordering."""


@dataclass(frozen=True)
class SortColumn:
    """One column of an ordering."""

    field: Field
    descending: bool

    def order_by(self, backwards: bool) -> OrderBy:
        descending = self.descending != backwards
        nulls = {"nulls_first" if descending else "nulls_last": True} if self.field.null else {}
        return OrderBy(F(self.field.attname), descending=descending, **nulls)

    def same(self, value: Any) -> Q:
        name = self.field.attname
        return Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})

    def beyond(self, value: Any, backwards: bool) -> list[Q]:
        """The rows that come later by this column alone, in parts, the nearest first."""
        name, descending = self.field.attname, self.descending != backwards
        if value is None:
            return [Q(**{f"{name}__isnull": False})] if descending else []
        return [Q(**{f"{name}__{'lt' if descending else 'gt'}": value}), *self.nulls(backwards)]

    def nulls(self, backwards: bool) -> list[Q]:
        """The rows without a value, if they come after all values."""
        if self.field.null and self.descending == backwards:
            return [Q(**{f"{self.field.attname}__isnull": True})]
        return []


class RowBeyond(Func):
    """Whether columns, compared as one, are beyond these values: `(a, b) > (1, 2)`.

    Databases find such rows in an index of these columns. Rows with a NULL are not beyond.
    """

    output_field = BooleanField()

    def __init__(self, columns: "tuple[SortColumn, ...]", values: tuple[Any, ...], sign: str):
        given = zip(columns, values, strict=True)
        super().__init__(
            *(F(column.field.attname) for column in columns),
            *(Value(value, output_field=column.field) for column, value in given),
        )
        self.sign = sign

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        compiled = [compiler.compile(one) for one in self.get_source_expressions()]
        half = len(compiled) // 2
        columns = ", ".join(sql for sql, _ in compiled[:half])
        values = ", ".join(sql for sql, _ in compiled[half:])
        parameters = [parameter for _, some in compiled for parameter in some]
        return f"({columns}) {self.sign} ({values})", parameters


@dataclass(frozen=True)
class CursorPosition:
    """A position between two rows: just after `values`, or just before them if `backwards`.

    With `including`, the row with exactly these values is on the page too.
    """

    values: tuple[Any, ...]
    backwards: bool = False
    including: bool = False


def ordering_in(text: str) -> str:
    """The name of the ordering that a cursor was made for. Raises `CursorUnreadable`."""
    try:
        return msgspec.json.decode(_document(text), type=tuple[str, int, int, list[Any]])[0]
    except UNREADABLE as error:
        raise CursorUnreadable("The cursor cannot be read.") from error


@dataclass(frozen=True)
class Keyset:
    """An ordering without ties: its last column is unique and never NULL."""

    columns: tuple[SortColumn, ...]

    @classmethod
    def of(cls, model: type[Model], names: list[str]) -> "Keyset":
        """From names as in `order_by`; ties are broken in the last name's direction."""
        columns = [SortColumn(field_of(model, n.lstrip("-")), n.startswith("-")) for n in names]
        descending = columns[-1].descending
        more = ties(model, [column.field.attname for column in columns])
        columns += [SortColumn(model._meta.get_field(name), descending) for name in more]
        return cls(tuple(columns))

    @property
    def name(self) -> str:
        return ",".join(("-" if c.descending else "") + c.field.attname for c in self.columns)

    def page(self, queryset: QuerySet[Any], place: CursorPosition | None, size: int) -> list[Any]:
        """Up to `size` rows from this position on, nearest first."""
        backwards = place is not None and place.backwards
        names = {column.field.attname for column in self.columns}
        queryset = queryset.annotate(**{name: COMPUTED[name] for name in names & COMPUTED.keys()})
        order = [column.order_by(backwards) for column in self.columns]
        rows: list[Any] = []
        for part in [Q()] if place is None else self._beyond(place):
            # Long texts are read only for the page's rows, not for every row that is scanned.
            page = self.first_keys(queryset.filter(part), order, size - len(rows))
            rows += _without_conditions(queryset).filter(pk__in=page).order_by(*order)
            if len(rows) == size:
                break
        return rows

    def first_keys(self, queryset: QuerySet[Any], order: list[OrderBy], count: int) -> Any:
        """The primary keys of the first `count` rows in this order, to filter by."""
        index = index_of_few(queryset)
        rows = queryset if index is None else by_index(queryset, index)
        return rows.order_by(*order).values("pk")[:count]

    def values_of(self, row: Any) -> tuple[Any, ...]:
        return tuple(getattr(row, column.field.attname) for column in self.columns)

    def encode(self, place: CursorPosition) -> str:
        document = msgspec.json.encode(
            [self.name, int(place.backwards), int(place.including), place.values]
        )
        return base64.urlsafe_b64encode(document).rstrip(b"=").decode()

    def decode(self, text: str) -> CursorPosition:
        """A cursor's position. Raises `CursorUnreadable` unless it was made for this ordering."""
        try:
            name, backwards, including, values = msgspec.json.decode(
                _document(text), type=tuple[str, int, int, list[Any]]
            )
            if name != self.name or len(values) != len(self.columns):
                raise CursorUnreadable("The cursor belongs to a list in another order.")
            return CursorPosition(
                tuple(map(_checked, self.columns, values)), bool(backwards), bool(including)
            )
        except UNREADABLE as error:
            raise CursorUnreadable("The cursor cannot be read.") from error

    def _beyond(self, place: CursorPosition) -> list[Q]:
        """The rows after a position, in parts, the nearest first."""
        backwards, start = place.backwards, self._compared_as_one(place.values)
        tail = self.columns[start:]
        sign = "<" if tail[0].descending != backwards else ">"
        beyond = Q(RowBeyond(tail, place.values[start:], sign + "=" * place.including))
        name = tail[0].field.attname
        if name in COMPUTED:
            # SQLite finds no place in an index by an expression that is compared as one of several.
            beyond &= Q(**{f"{name}__{'lte' if sign == '<' else 'gte'}": place.values[start]})
        same = Q()
        parts: list[list[Q]] = []
        for column, value in zip(self.columns[:start], place.values, strict=False):
            parts.append([same & later for later in column.beyond(value, backwards)])
            same &= column.same(value)
        last = [same & beyond, *(same & null for null in tail[0].nulls(backwards))]
        return [part for some in (last, *reversed(parts)) for part in some]

    def _compared_as_one(self, values: tuple[Any, ...]) -> int:
        """The first of the last columns that can be compared as one.

        They have one direction, and only the first of them can be NULL, but is not here.
        """
        start = len(self.columns) - 1
        while (
            start > 0
            and not self.columns[start].field.null
            and self.columns[start - 1].descending == self.columns[start].descending
            and values[start - 1] is not None
        ):
            start -= 1
        return start


def _without_conditions(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """The same rows and columns, whatever they were filtered by.

    For rows whose ids are known: the conditions need not be checked again, and cannot lead the
    database to look for the rows in any other way than by id.
    """
    rows = queryset.all()
    rows.query.where = WhereNode()
    return rows


def _document(text: str) -> bytes:
    """The JSON of a cursor."""
    padded = text.encode("ascii") + b"=" * (-len(text) % 4)
    return base64.b64decode(padded, altchars=b"-_", validate=True)


def _checked(column: SortColumn, value: Any) -> Any:
    """The value in its column's type; a forged value must not reach the database."""
    field = column.field
    match field, value:
        case _, None if field.null:
            return None
        case BooleanField(), bool():
            return value
        case IntegerField(), int() if not isinstance(value, bool) and value in BIGINT:
            return value
        case DateTimeField(), str():
            moment = msgspec.convert(value, datetime)
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        case UUIDField(), str():
            return msgspec.convert(value, UUID)
        case ((BooleanField() | IntegerField() | DateTimeField() | UUIDField()), _):
            pass
        case _, str() if "\0" not in value:
            return value
    raise CursorUnreadable("The cursor cannot be read.")
