"""Reading a PostgreSQL host: rows by COPY in text, losing nothing."""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from domain.values import Tagged, Value
from infrastructure.hosts import cells
from infrastructure.hosts.connecting.counting import count_rows
from infrastructure.hosts.connecting.encodings import codec_of
from infrastructure.hosts.readers.base import (
    Extent,
    RowQuery,
    orphans_sql,
    plain_rows_sql,
    rows_sql,
    sql,
    words_sql,
)
from infrastructure.hosts.schema import ColumnSchema, Family, Reference, TableSchema


def _bytea(text: str) -> Value:
    return Tagged("bytes", text[2:])


CONVERSIONS: cells.Conversions = {
    ("bool", str): "t".__eq__,
    ("int", str): cells.whole_number,
    ("time", str): cells.time,
    ("decimal", str): cells.decimal,
    ("float", str): cells.number,
    ("bytes", str): _bytea,
    ("raw", str): cells.raw,
}
_FAMILIES: dict[str, Family] = {
    "bool": "bool",
    "int2": "int",
    "int4": "int",
    "int8": "int",
    "numeric": "decimal",
    "float4": "float",
    "float8": "float",
    "timestamptz": "time",
    "timestamp": "time",
    "bytea": "bytes",
    "char": "text",  # of one byte; its category is "internal" since PostgreSQL 15
}
_BITS = {"int2": 16, "int4": 32, "int8": 64}
_STRINGS, _ENUMS = "S", "E"
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class PostgreSQLReader:
    """A PostgreSQL database, on a connection in a transaction that reads one snapshot."""

    compares_all = False

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.codec = codec_of(connection)

    def quote(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def quote_table(self, name: str) -> str:
        """Unchanged: the catalogue gives tables as SQL spells them, with a schema if needed."""
        return name

    def table(self, name: str) -> TableSchema | None:
        described = self.connection.execute(sql("postgresql_columns"), {"table": name}).fetchall()
        if not described:
            return None
        columns = tuple(
            ColumnSchema(
                column,
                declared,
                _family(base, category),
                _BITS.get(base),
                local=base == "timestamp",
            )
            for column, declared, base, category in described
        )
        references = self.connection.execute(sql("postgresql_references"), [name])
        return TableSchema(
            name, columns, {own: Reference(to, column) for own, to, column in references}
        )

    def extent(self, table: str) -> Extent:
        statement = sql("extent").format(id='"id"', table=table)
        lowest, highest = self._execute(statement).fetchone() or (None, None)
        return Extent(count_rows("postgresql", self.connection, table), lowest, highest)

    def estimate(self, table: str) -> int:
        found = self.connection.execute(sql("postgresql_estimate"), [table]).fetchone()
        return int(found[0]) if found else 0

    def keys(self, table: str) -> Iterator[Any]:
        yield from self._keys(f"SELECT id FROM {table} ORDER BY id")

    def rows(self, query: RowQuery) -> Iterator[list[Value]]:
        yield from map(
            cells.converter(query.families, CONVERSIONS), self._copied(rows_sql(self, query))
        )

    def orphans(self, table: str, column: str, reference: Reference) -> Iterator[Any]:
        yield from self._keys(orphans_sql(self, table, column, reference))

    def words(self, table: str, column: str) -> list[str]:
        return [str(word) for (word,) in self._execute(words_sql(self, table, column))]

    def plain_rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        yield from self._copied(plain_rows_sql(self, table, columns))

    def inbound(self, table: str) -> list[tuple[str, str]]:
        return self.connection.execute(sql("postgresql_inbound"), [table]).fetchall()

    def _keys(self, statement: str) -> Iterator[Any]:
        for (key,) in self._copied(statement):
            yield int(key) if isinstance(key, str) else key

    def _execute(self, statement: str) -> psycopg.Cursor[Any]:
        return self.connection.execute(statement.encode(self.codec))

    def _copied(self, statement: str) -> Iterator[list[Any]]:
        copy_out = f"COPY ({statement}) TO STDOUT".encode(self.codec)
        with self.connection.cursor() as cursor, cursor.copy(copy_out) as copy:
            for line in copy:
                try:
                    text = str(line, self.codec)
                except UnicodeDecodeError:
                    cells = bytes(line)[:-1].split(b"\t")
                    yield [_undecodable(cell, self.codec) for cell in cells]
                    continue
                row: list[Any] = text[:-1].split("\t")
                if "\\" in text:
                    row = [_unescaped(cell) if "\\" in cell else cell for cell in row]
                yield row


def _unescaped(cell: str) -> str | None:
    """The value without COPY's escapes. https://www.postgresql.org/docs/current/sql-copy.html"""
    if cell == "\\N":
        return None
    first, *rest = cell.split("\\\\")
    return "\\".join(_without_controls(part) for part in (first, *rest))


def _without_controls(part: str) -> str:
    first, *rest = part.split("\\")
    return first + "".join(_ESCAPES[after[0]] + after[1:] for after in rest)


def _undecodable(cell: bytes, codec: str) -> Any:
    """A cell of a row in which some cell contains bytes that are invalid in the host's encoding."""
    try:
        text = cell.decode(codec)
    except UnicodeDecodeError:
        plain = _unescaped(cell.decode("latin-1"))
        return Tagged("raw", (plain or "").encode("latin-1").hex())
    return _unescaped(text) if "\\" in text else text


def _family(base: str, category: str) -> Family:
    return _FAMILIES.get(base) or ("text" if category in (_STRINGS, _ENUMS) else "raw")
