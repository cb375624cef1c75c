"""MySQL and MariaDB: an unbuffered cursor per table.

The server returns times as text, so that zero dates arrive unchanged.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pymysql.constants import FIELD_TYPE
from pymysql.converters import conversions, encoders
from pymysql.cursors import Cursor

from domain.values import Tagged, Value
from infrastructure.hosts.connecting.streaming import stream_rows
from projections.verification.actual.readers.base import (
    BATCH_BYTES,
    BATCH_ROWS,
    Lookup,
    ReadColumn,
    Row,
    Wanted,
)
from projections.verification.expected.schema import BIGINT
from projections.verification.sql import query

NOT_AS_TEXT = (
    FIELD_TYPE.TINY,
    FIELD_TYPE.SHORT,
    FIELD_TYPE.INT24,
    FIELD_TYPE.LONG,
    FIELD_TYPE.LONGLONG,
)

INTEGER = re.compile(r"(tiny|small|medium|big)?int\b")
TEXT = re.compile(r"^(enum|set)\b|char\b|text\b|^json\b")

DECODED: dict[Any, Any] = {**encoders, **{code: conversions[code] for code in NOT_AS_TEXT}}
"""PyMySQL's conversions, without those of times and numbers that would change or fail."""


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


class MySQLSnapshotReader:
    """Reads on a connection in a transaction."""

    vendor = "mysql"

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        # The connection may convert values in a way that does not suit the comparison.
        connection.decoders = {code: one for code, one in DECODED.items() if isinstance(code, int)}

    def quoted(self, table: str) -> str:
        return _quoted(table)

    def columns(self, table: str) -> list[ReadColumn]:
        return [ReadColumn(*row) for row in self.rows(query("mysql_columns"), (table,))]

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        with self.connection.cursor(Cursor) as cursor:
            # Without parameters there are no placeholders: any name may contain a ? or %.
            if params:
                cursor.execute(sql.replace("%", "%%").replace("?", "%s"), tuple(params))
            else:
                cursor.execute(sql)
            return list(cursor.fetchall())

    def references(self, table: str) -> dict[str, tuple[str, str]]:
        found = self.rows(query("mysql_foreign_keys"), (table,))
        return {column: (other, key) for column, other, key in found}

    def declared(self, table: str) -> dict[str, str]:
        return dict(self.rows(query("mysql_declared"), (table,)))

    def stream(
        self, table: str, wanted: Sequence[Wanted], lookup: Lookup | None = None
    ) -> Iterator[list[Row]]:
        expressions = [self._expression(want) for want in wanted]
        if lookup is not None:
            expressions.append(_looked_up(table, lookup))
        select = ", ".join(expressions)
        batch: list[Row] = []
        size = 0
        with stream_rows(
            self.connection, f"SELECT {select} FROM {_quoted(table)} ORDER BY id"
        ) as rows:
            for row in rows:
                batch.append(row)
                size += sum(len(value) for value in row if isinstance(value, str | bytes))
                if len(batch) == BATCH_ROWS or size > BATCH_BYTES:
                    yield batch
                    batch, size = [], 0
        if batch:
            yield batch

    def _expression(self, want: Wanted) -> str:
        name = _quoted(want.column.name)
        if want.kind == "time" and self.is_time(want.column):
            return f"date_format({name}, '%Y-%m-%dT%H:%i:%s.%f')"
        # The server rounds a single-precision float when it prints one.
        return f"cast({name} AS double)" if want.column.type.startswith("float") else name

    def is_local_time(self, column: ReadColumn) -> bool:
        # The server stores a timestamp in UTC, and this session reads it in UTC.
        return not column.type.startswith("timestamp")

    def is_time(self, column: ReadColumn) -> bool:
        return column.type.startswith(("datetime", "timestamp"))

    def is_exact(self, want: Wanted) -> bool:
        type_ = want.column.type
        if want.kind == "person":
            return bool(INTEGER.match(type_))  # A key of any type is shown as text.
        return bool(INTEGER.match(type_) or TEXT.search(type_))

    def verbatim(self, column: ReadColumn) -> Callable[[Any], Value]:
        keep = self._keep(column)
        # Bytes stay bytes for every column type: geometry, vectors, text of unknown encoding.
        return lambda value: (
            Tagged("bytes", value.hex()) if isinstance(value, bytes) else _raw(value) or keep(value)
        )

    def _keep(self, column: ReadColumn) -> Callable[[Any], Value]:
        type_ = column.type
        if INTEGER.match(type_):
            return _integer
        if TEXT.search(type_):
            return lambda value: value
        if type_.startswith("decimal"):
            return _tag("decimal")
        if type_.startswith(("double", "float")):
            return _tag("float")
        return _tag("time") if self.is_time(column) else _tag("raw")

    def close(self) -> None:
        self.connection.close()


def _looked_up(table: str, lookup: Lookup) -> str:
    return query("lookup").format(
        name=f"other.{_quoted(lookup.name)}",
        other=_quoted(lookup.table),
        key=_quoted(lookup.key),
        column=lookup.column(_quoted(table), _quoted),
    )


def _raw(value: Any) -> Value:
    """The digits of text that is not UTF-8, which came with surrogates; else None."""
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return Tagged("raw", value.encode("utf-8", "surrogateescape").hex())
    return None


def _integer(value: Any) -> Value:
    """An integer; as a decimal if it is one that only an unsigned column holds."""
    if value is not None and not -BIGINT - 1 <= value <= BIGINT:
        return Tagged("decimal", str(value))
    kept: int | None = value
    return kept


def _tag(kind: Any) -> Callable[[Any], Value]:
    def tag(value: Any) -> Value:
        if value is None:
            return None
        return Tagged(kind, value)

    return tag
