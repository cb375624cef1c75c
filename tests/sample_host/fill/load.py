"""Bulk loading with each database's own means, past the ORM (which would stamp `created_at`)."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, models, transaction

from .plan import Row

CHUNK = 2000


def load(model: type[models.Model], rows: Iterator[Row]) -> tuple[str, int]:
    """Load rows into the model's table; columns that it has not are left out."""
    table = model._meta.db_table
    fields = model._meta.concrete_fields
    columns = [field.column for field in fields]
    converted = _converted(fields, rows)
    with transaction.atomic():
        count = LOADERS[connection.vendor](table, columns, converted)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
                cursor.execute(statement)
    return table, count


def _converted(fields: Any, rows: Iterator[Row]) -> Iterator[list[Any]]:
    """Rows as the driver wants them; text and numbers, most of a row, pass as they are."""
    columns = [field.column for field in fields]
    convert = CONVERTERS[connection.vendor]
    passed = (str, int, type(None))  # by type, for a bool is an int too
    for row in rows:
        yield [v if type(v := row[column]) in passed else convert(v) for column in columns]


def _for_postgresql(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value}+00" if settings.USE_TZ else str(value)
    return value


def _for_sqlite(value: Any) -> Any:
    match value:
        case uuid.UUID():
            return value.hex
        case timedelta():
            return value // timedelta(microseconds=1)
        case date() | time() | Decimal():
            return str(value)
    return value


def _for_mysql(value: Any) -> Any:
    match value:
        case uuid.UUID():
            return str(value) if connection.features.has_native_uuid_field else value.hex
        case timedelta():
            return value // timedelta(microseconds=1)
    return value


def _copy(table: str, columns: list[str], rows: Iterator[list[Any]]) -> int:
    quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
    count = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{table}" ({quoted}) FROM STDIN') as copy,
    ):
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def _execute_many(placeholder: str) -> Callable[[str, list[str], Iterator[list[Any]]], int]:
    def execute_many(table: str, columns: list[str], rows: Iterator[list[Any]]) -> int:
        quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
        values = ", ".join([placeholder] * len(columns))
        sql = f"INSERT INTO {table} ({quoted}) VALUES ({values})"
        count = 0
        connection.ensure_connection()
        cursor = connection.connection.cursor()
        while chunk := list(islice(rows, CHUNK)):
            cursor.executemany(sql, chunk)
            count += len(chunk)
        cursor.close()
        return count

    return execute_many


CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "postgresql": _for_postgresql,
    "sqlite": _for_sqlite,
    "mysql": _for_mysql,
}
LOADERS: dict[str, Callable[[str, list[str], Iterator[list[Any]]], int]] = {
    "postgresql": _copy,
    "sqlite": _execute_many("?"),
    "mysql": _execute_many("%s"),
}
