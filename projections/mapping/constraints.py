"""Checks whether a column can hold a value, by its declaration, the same on every database.

SQLite does not enforce widths, so values that only PostgreSQL would refuse are refused here.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.db import models

BIGINT = 2**63
INTEGER = 2**31

Check = Callable[[Any], str | None]
"""Returns why the column cannot hold the value, or None."""


class Violation(NamedTuple):
    """A column that cannot hold its value, and why."""

    column: str
    reason: str


class Fits(Protocol):
    def __call__(self, values: tuple[Any, ...], /) -> Violation | None: ...


class AllFit(Protocol):
    def __call__(self, columns: Sequence[tuple[Any, ...]], /) -> bool: ...


def checker(model: type[models.Model]) -> Fits:
    """A function that returns the first column of this table that cannot hold its value.

    It takes the row's values in the order of the table's columns.
    """
    checks = column_checks(model)

    def fits(values: tuple[Any, ...], /) -> Violation | None:
        for (column, check), value in zip(checks, values, strict=True):
            reason = check(value)
            if reason is not None:
                return Violation(column, reason)
        return None

    return fits


def column_checks(model: type[models.Model]) -> list[tuple[str, Check]]:
    """The table's columns in order, each with its check."""
    return [(str(field.column), _check(field)) for field in model._meta.concrete_fields]


def python_type(field: "models.Field[Any, Any]") -> Any:
    """The type of a column's values."""
    types: dict[type[models.Field[Any, Any]], type] = {
        models.UUIDField: UUID,
        models.DateTimeField: datetime,
        models.DateField: date,
        models.BooleanField: bool,
        models.IntegerField: int,
    }
    found = next((type_ for kind, type_ in types.items() if isinstance(field, kind)), str)
    return found | None


def all_fit(model: type[models.Model]) -> AllFit:
    """A function that says whether all rows fit. It works column by column, at C speed.

    If it returns False, `checker` finds the rows.
    """
    checks = [_column_check(field) for field in model._meta.concrete_fields]

    def fit(columns: Sequence[tuple[Any, ...]], /) -> bool:
        return not columns or all(
            check(values) for check, values in zip(checks, columns, strict=True)
        )

    return fit


def _column_check(field: "models.Field[Any, Any]") -> Callable[[tuple[Any, ...]], bool]:
    check = _check(field)
    if not isinstance(field, models.CharField | models.TextField):
        # Such columns have few distinct values, so each is checked only once.
        if isinstance(field, models.BooleanField):
            return lambda values: all(check(value) is None for value in set(values))
        type_ = {
            models.UUIDField: UUID,
            models.DateTimeField: datetime,
            models.DateField: date,
        }.get(type(field))
        if type_ is None:
            return lambda values: _extremes_fit(check, values)
        allowed = {type_, type(None)} if field.null else {type_}
        return lambda values: set(map(type, values)) <= allowed
    allowed = {str, type(None)} if field.null else {str}
    width = field.max_length

    def texts_fit(values: tuple[Any, ...]) -> bool:
        if not set(map(type, values)) <= allowed:
            return False
        texts = [value for value in values if value] if field.null else values
        if width is not None and max(map(len, texts), default=0) > width:
            return False
        return "\0" not in "".join(texts)

    return texts_fit


def _extremes_fit(check: Check, values: tuple[Any, ...]) -> bool:
    """Whether all are whole numbers or NULL, and the smallest and the largest fit."""
    kinds = set(map(type, values))
    if type(None) in kinds:
        if check(None) is not None:
            return False
        values = tuple(value for value in values if value is not None)
        kinds.discard(type(None))
    if not values:
        return True
    return kinds == {int} and check(min(values)) is None and check(max(values)) is None


def _check(field: "models.Field[Any, Any]") -> Check:
    nullable = bool(field.null)
    match field:
        case models.UUIDField():
            return _typed(UUID, nullable)
        case models.DateTimeField():
            return _typed(datetime, nullable)
        case models.DateField():
            return _typed(date, nullable)
        case models.BooleanField():
            return _typed(bool, nullable)
        case models.BigIntegerField():
            return _whole(-BIGINT, BIGINT, nullable)
        case models.PositiveIntegerField():
            return _whole(0, INTEGER, nullable)
        case models.IntegerField():
            return _whole(-INTEGER, INTEGER, nullable)
        case models.CharField() | models.TextField():
            return _text(field.max_length, nullable)
    raise TypeError(f"no check for columns like {field!r}")


def _absent(nullable: bool) -> str | None:
    return None if nullable else "NULL, and the column is NOT NULL"


def _typed(type_: type, nullable: bool) -> Check:
    def check(value: Any) -> str | None:
        if value is None:
            return _absent(nullable)
        return None if type(value) is type_ else f"not a {type_.__name__}"

    return check


def _whole(low: int, high: int, nullable: bool) -> Check:
    def check(value: Any) -> str | None:
        if value is None:
            return _absent(nullable)
        if type(value) is not int:
            return "not a whole number"
        return None if low <= value < high else f"{value} is not between {low} and {high - 1}"

    return check


def _text(width: int | None, nullable: bool) -> Check:
    def check(value: Any) -> str | None:
        if value is None:
            return _absent(nullable)
        if type(value) is not str:
            return "not text"
        if width is not None and len(value) > width:
            return f"{len(value)} characters, and the column holds {width}"
        return "a NUL character" if "\0" in value else None

    return check
