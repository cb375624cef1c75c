"""PostgreSQL: a repeatable-read transaction and server-side cursors.

The server returns times in the form in which they are compared, so that years which Python does
not support arrive as text and do not raise an exception.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import count, repeat
from typing import Any

import psycopg

from domain.values import Kind, Tagged, Value
from infrastructure.hosts.connecting.encodings import codec_of, takes_any_bytes
from projections.verification.actual.readers.base import (
    BATCH_BYTES,
    BATCH_ROWS,
    Lookup,
    ReadColumn,
    Row,
    Wanted,
)
from projections.verification.sql import query

IN_RANGE = "BETWEEN '0001-01-01 00:00:00{0}' AND '9999-12-31 23:59:59.999999{0}'"
TIME = """CASE WHEN {0} {1} THEN to_char({0}, 'YYYY-MM-DD"T"HH24:MI:SS.US') ELSE {0}::text END"""
AS_IT_IS = ("int2", "int4", "int8", "bool", "text")
TAGS: dict[str, Kind] = {
    "numeric": "decimal",
    "float4": "float",
    "float8": "float",
    "timestamptz": "time",
    "timestamp": "time",
}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _table(name: str) -> str:
    """A table's name for SQL. In the names read here, a dot only separates schema and table."""
    return ".".join(map(_quoted, name.split(".")))


def _looked_up(table: str, lookup: Lookup) -> str:
    """SQL for the lookup; the other table's name is quoted already."""
    name = f"other.{_quoted(lookup.name)}"
    return query("lookup").format(
        # Not a cast: concat() gives the text that COPY writes, for every type.
        name=f"CASE WHEN {name} IS DISTINCT FROM NULL THEN concat({name}) END",
        other=lookup.table,
        key=_quoted(lookup.key),
        column=lookup.column(_table(table), _quoted),
    )


class PostgreSQLSnapshotReader:
    """Reads on a connection in a transaction."""

    vendor = "postgresql"

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection
        self.codec = codec_of(connection)
        # So text that is invalid in the host's encoding comes with surrogates.
        self.unchecked = takes_any_bytes(connection)
        self.execute("SET LOCAL TIME ZONE 'UTC'")
        self.execute("SET LOCAL extra_float_digits = 1")
        self.execute("SET LOCAL bytea_output = 'hex'")
        self.execute("SET LOCAL DateStyle = 'ISO'")
        self.execute("SET LOCAL IntervalStyle = 'postgres'")
        self._names = (f"verify_{number}" for number in count(1))
        self._cursors: list[psycopg.ServerCursor[Row]] = []

    def quoted(self, table: str) -> str:
        return _table(table)

    def execute(self, sql: str, params: Sequence[Any] | None = None) -> "psycopg.Cursor[Row]":
        return self.connection.execute(sql.encode(self.codec), params)

    def columns(self, table: str) -> list[ReadColumn]:
        return [
            ReadColumn(*row) for row in self.rows(query("postgresql_columns"), (_table(table),))
        ]

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        # Without parameters there are no placeholders: any name may contain a ? or %.
        if not params:
            return self.execute(sql).fetchall()
        return self.execute(sql.replace("%", "%%").replace("?", "%s"), params).fetchall()

    def references(self, table: str) -> dict[str, tuple[str, str]]:
        found = self.rows(query("postgresql_foreign_keys"), (_table(table),))
        return {column: (other, key) for column, other, key in found}

    def declared(self, table: str) -> dict[str, str]:
        return dict(self.rows(query("postgresql_declared"), (table,)))

    def stream(
        self, table: str, wanted: Sequence[Wanted], lookup: Lookup | None = None
    ) -> Iterator[list[Row]]:
        expressions = [self._expression(want) for want in wanted]
        if lookup is not None:
            expressions.append(_looked_up(table, lookup))
        select = ", ".join(expressions)
        cursor = self._cursor(f"SELECT {select} FROM {_table(table)} ORDER BY id")
        for size in self._batch_sizes(table, wanted):
            batch = cursor.fetchmany(size)
            if not batch:
                break
            yield batch
        cursor.close()

    def pick(
        self, table: str, wanted: Sequence[Wanted], key: str, streams: Sequence[str]
    ) -> list[Row]:
        select = ", ".join(self._expression(want) for want in wanted)
        sql = f"SELECT {select} FROM {_table(table)} WHERE {_quoted(key)} = ANY"
        return self.execute(f"{sql.replace('%', '%%')}(%s::uuid[])", (list(streams),)).fetchall()

    def _cursor(self, sql: str) -> "psycopg.ServerCursor[Row]":
        cursor = self.connection.cursor(name=next(self._names))
        self._cursors.append(cursor)
        cursor.execute(sql.encode(self.codec))
        return cursor

    def _batch_sizes(self, table: str, wanted: Sequence[Wanted]) -> Iterator[int]:
        """How many rows to fetch at a time: as many as fit, by sizes that the server computes."""
        long = [
            f"coalesce(octet_length({_quoted(want.column.name)}::text), 0)"
            for want in wanted
            if want.column.unbounded
        ]
        if not long:
            return repeat(BATCH_ROWS)
        size = " + ".join(long)
        largest = self.rows(f"SELECT coalesce(max({size}), 0) FROM {_table(table)}")[0][0]
        if largest * BATCH_ROWS <= BATCH_BYTES:
            return repeat(BATCH_ROWS)
        return self._planned(f"SELECT {size} FROM {_table(table)} ORDER BY id")

    def _planned(self, sizes: str) -> Iterator[int]:
        number = total = 0
        cursor = self._cursor(sizes)
        cursor.itersize = 20_000
        for (size,) in cursor:
            number, total = number + 1, total + size
            if number == BATCH_ROWS or total > BATCH_BYTES:
                yield number
                number = total = 0
        cursor.close()
        yield number or 1

    def _expression(self, want: Wanted) -> str:
        name = _quoted(want.column.name)
        if want.kind == "time" and self.is_time(want.column):
            offset = "" if self.is_local_time(want.column) else "+00"
            return TIME.format(name, IN_RANGE.format(offset))
        if want.kind == "uuid":
            return f"replace({name}::text, '-', '')"
        if want.column.type in AS_IT_IS:
            return name
        # Not a cast: that of an address adds its netmask, which its own text form leaves out. And
        # not IS NOT NULL: that is false of a composite value with a field that is null.
        return f"CASE WHEN {name} IS DISTINCT FROM NULL THEN concat({name}) END"

    def is_local_time(self, column: ReadColumn) -> bool:
        return column.type == "timestamp"

    def is_time(self, column: ReadColumn) -> bool:
        return column.type in ("timestamp", "timestamptz")

    def is_exact(self, want: Wanted) -> bool:
        if self.unchecked and want.kind == "person":
            return False  # A key of any type is shown as text.
        return want.column.type in AS_IT_IS

    def verbatim(self, column: ReadColumn) -> Callable[[Any], Value]:
        keep = self._keep(column)
        return _raw_or(keep) if self.unchecked else keep

    def _keep(self, column: ReadColumn) -> Callable[[Any], Value]:
        if column.type in AS_IT_IS:
            return lambda value: value
        if column.type == "bytea":
            return lambda value: None if value is None else Tagged("bytes", value[2:])
        kind = TAGS.get(column.type, "raw")
        return lambda value: None if value is None else Tagged(kind, value)

    def close(self) -> None:
        for cursor in self._cursors:
            cursor.close()
        self.connection.close()


def _raw_or(keep: Callable[[Any], Value]) -> Callable[[Any], Value]:
    """Returns the digits of text that is not UTF-8; passes anything else to `keep`."""

    def kept(value: Any) -> Value:
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                return Tagged("raw", value.encode("utf-8", "surrogateescape").hex())
        return keep(value)

    return kept
