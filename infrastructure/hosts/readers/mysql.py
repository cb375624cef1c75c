"""Reading a MariaDB or MySQL host: rows streamed, values as text."""

from collections.abc import Iterator, Sequence
from typing import Any

import pymysql

from domain.values import Value
from infrastructure.hosts import cells
from infrastructure.hosts.connecting.counting import count_rows
from infrastructure.hosts.connecting.streaming import stream_rows
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

CONVERSIONS: cells.Conversions = {
    **{(family, bytes): cells.blob for family in cells.FAMILIES},
    ("text", str): cells.text_of_any_bytes,
    ("int", str): cells.whole_number,
    ("time", str): cells.time,
    ("decimal", str): cells.decimal,
    ("float", str): cells.number,
    ("raw", str): cells.raw_of_any_bytes,
}
_INTEGERS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_FAMILIES: dict[str, Family] = {
    **dict.fromkeys(_INTEGERS, "int"),
    "decimal": "decimal",
    "float": "float",
    "double": "float",
    "datetime": "time",
    "timestamp": "time",
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), "text"),
    **dict.fromkeys(("enum", "set", "json"), "text"),
    **dict.fromkeys(("binary", "varbinary", "bit"), "bytes"),
    **dict.fromkeys(("tinyblob", "blob", "mediumblob", "longblob"), "bytes"),
}
# The server rounds a single-precision float when it prints one.
_EXACT = {"float": "CAST({} AS DOUBLE)"}


class MySQLReader:
    """A MariaDB or MySQL database, on a connection that does not decode values."""

    compares_all = False

    def __init__(self, connection: "pymysql.Connection[Any]") -> None:
        self.connection = connection

    def quote(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    quote_table = quote

    def table(self, name: str) -> TableSchema | None:
        columns = tuple(
            ColumnSchema(
                column,
                declared,
                _FAMILIES.get(kind, "raw"),
                _INTEGERS.get(kind),
                _EXACT.get(kind),
                # A timestamp is an instant: the server keeps it in UTC, the session reads it so.
                local=kind == "datetime",
            )
            for column, declared, kind in self._fetched(sql("mysql_columns"), name)
        )
        if not columns:
            return None
        references = self._fetched(sql("mysql_references"), name)
        return TableSchema(
            name, columns, {own: Reference(to, column) for own, to, column in references}
        )

    def extent(self, table: str) -> Extent:
        name = self.quote(table)
        statement = sql("extent").format(id=self.quote("id"), table=name)
        ((lowest, highest),) = self._fetched(statement)
        return Extent(count_rows("mysql", self.connection, name), _key(lowest), _key(highest))

    def estimate(self, table: str) -> int:
        found = self._fetched(sql("mysql_estimate"), table)
        return int(found[0][0]) if found else 0

    def keys(self, table: str) -> Iterator[Any]:
        name = self.quote(table)
        for (key,) in self._streamed(f"SELECT id FROM {name} ORDER BY id"):
            yield _key(key)

    def rows(self, query: RowQuery) -> Iterator[list[Value]]:
        yield from map(
            cells.converter(query.families, CONVERSIONS), self._streamed(rows_sql(self, query))
        )

    def orphans(self, table: str, column: str, reference: Reference) -> Iterator[Any]:
        for (key,) in self._streamed(orphans_sql(self, table, column, reference)):
            yield _key(key)

    def words(self, table: str, column: str) -> list[str]:
        return [str(word) for (word,) in self._fetched(words_sql(self, table, column))]

    def plain_rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        yield from self._streamed(plain_rows_sql(self, table, columns))

    def inbound(self, table: str) -> list[tuple[str, str]]:
        return [(one, column) for one, column in self._fetched(sql("mysql_inbound"), table)]

    def _streamed(self, statement: str) -> Iterator[tuple[Any, ...]]:
        with stream_rows(self.connection, statement) as rows:
            yield from rows

    def _fetched(self, statement: str, *parameters: str) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return list(cursor.fetchall())


def _key(text: Any) -> Any:
    """A key's number; any other value stays as it is, and is refused later."""
    try:
        return int(text)
    except (TypeError, ValueError):
        return text
