"""Keyset pagination: a page begins after the row with given values.

A cursor names the last row of a page by the values of the ordering columns, of which the id is
always the last. So deep pages cost no more than the first, ties do not matter, and new rows do not
shift pages. NULL counts as greater than every value, on every database: last when ascending, first
when descending, as in PostgreSQL.
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
    IntegerField,
    Model,
    Q,
    QuerySet,
    UUIDField,
)
from django.db.models.expressions import OrderBy

from api.v1.filters.fields import BIGINT

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

    def beyond(self, value: Any, backwards: bool, or_same: bool = False) -> Q | None:
        """Rows that come later by this column alone; None if there cannot be any."""
        name, descending = self.field.attname, self.descending != backwards
        if value is None:
            if or_same:
                return Q() if descending else Q(**{f"{name}__isnull": True})
            return Q(**{f"{name}__isnull": False}) if descending else None
        later = Q(**{f"{name}__{'lt' if descending else 'gt'}{'e' if or_same else ''}": value})
        if self.field.null and not descending:
            later |= Q(**{f"{name}__isnull": True})
        return later


@dataclass(frozen=True)
class CursorPosition:
    """A position between two rows: just after `values`, or just before them if `backwards`.

    With `including`, the row with exactly these values is on the page too.
    """

    values: tuple[Any, ...]
    backwards: bool = False
    including: bool = False


@dataclass(frozen=True)
class Keyset:
    """An ordering without ties: its last column is unique and never NULL."""

    columns: tuple[SortColumn, ...]

    @classmethod
    def of(cls, model: type[Model], names: list[str]) -> "Keyset":
        """From names as in `order_by`; the primary key is added, in the last name's direction."""
        columns = [
            SortColumn(model._meta.get_field(n.lstrip("-")), n.startswith("-")) for n in names
        ]
        key = model._meta.pk
        if all(column.field is not key for column in columns):
            columns.append(SortColumn(key, columns[-1].descending if columns else False))
        return cls(tuple(columns))

    @property
    def name(self) -> str:
        return ",".join(("-" if c.descending else "") + c.field.attname for c in self.columns)

    def page(self, queryset: QuerySet[Any], place: CursorPosition | None, size: int) -> list[Any]:
        """Up to `size` rows from this position on, nearest first."""
        backwards = place is not None and place.backwards
        if place is not None:
            queryset = queryset.filter(self._beyond(place))
        order = [column.order_by(backwards) for column in self.columns]
        # Long texts are read only for the page's rows, not for every row that is scanned.
        page = queryset.order_by(*order).values("pk")[:size]
        return list(queryset.filter(pk__in=page).order_by(*order))

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
            padded = text.encode("ascii") + b"=" * (-len(text) % 4)
            document = base64.b64decode(padded, altchars=b"-_", validate=True)
            name, backwards, including, values = msgspec.json.decode(
                document, type=tuple[str, int, int, list[Any]]
            )
            if name != self.name or len(values) != len(self.columns):
                raise CursorUnreadable("The cursor belongs to a list in another order.")
            return CursorPosition(
                tuple(map(_checked, self.columns, values)), bool(backwards), bool(including)
            )
        except UNREADABLE as error:
            raise CursorUnreadable("The cursor cannot be read.") from error

    def _beyond(self, place: CursorPosition) -> Q:
        same, alternatives = Q(), Q(pk__in=[])
        for column, value in zip(self.columns, place.values, strict=True):
            later = column.beyond(value, place.backwards)
            if later is not None:
                alternatives |= same & later
            same &= column.same(value)
        if place.including:
            alternatives |= same
        # Logically redundant, but lets the database start in an index on the first column.
        first = self.columns[0].beyond(place.values[0], place.backwards, or_same=True)
        return alternatives if first is None else first & alternatives


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
