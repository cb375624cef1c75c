"""Reading a SQLite host, where any cell may hold a value of any kind."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from domain.values import Value
from infrastructure.hosts import cells
from infrastructure.hosts.connecting.counting import count_rows
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
    # Any column may hold any storage class: what a cell *is* comes first.
    **{(family, float): cells.python_float for family in cells.FAMILIES},
    **{(family, bytes): cells.blob for family in cells.FAMILIES},
    ("time", str): cells.time,
    ("decimal", str): cells.decimal_if_number,
    ("raw", str): cells.raw,
}
_FAMILIES: tuple[tuple[str, Family], ...] = (
    ("BOOL", "bool"),
    ("DATETIME", "time"),
    ("TIMESTAMP", "time"),
    ("DECIMAL", "decimal"),
    ("NUMERIC", "decimal"),
    ("INT", "int"),
    ("CHAR", "text"),
    ("CLOB", "text"),
    ("TEXT", "text"),
    ("BLOB", "bytes"),
    ("REAL", "float"),
    ("FLOA", "float"),
    ("DOUB", "float"),
    ("DATE", "raw"),
    ("TIME", "raw"),
)
_NOT_UTF8 = "Could not decode to UTF-8"


class SQLiteReader:
    """A SQLite file, on a connection in a read transaction."""

    compares_all = True

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def quote(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    quote_table = quote

    def table(self, name: str) -> TableSchema | None:
        described = self.connection.execute("SELECT * FROM pragma_table_xinfo(?)", [name])
        columns = tuple(
            ColumnSchema(column, declared, family := _family(declared), local=family == "time")
            for _, column, declared, _, _, _, hidden in described
            if hidden != 1
        )
        if not columns:
            return None
        references = self.connection.execute(sql("sqlite_references"), [name])
        return TableSchema(
            name, columns, {own: Reference(to, column) for own, to, column in references}
        )

    def extent(self, table: str) -> Extent:
        name = self.quote(table)
        statement = sql("extent").format(id=self.quote("id"), table=name)
        lowest, highest = self.connection.execute(statement).fetchone()
        return Extent(count_rows("sqlite", self.connection, name), lowest, highest)

    def estimate(self, table: str) -> int:
        if self.table("sqlite_stat1") is None:
            return 0
        ((rows,),) = self.connection.execute(sql("sqlite_estimate"), [table])
        return rows or 0

    def keys(self, table: str) -> Iterator[Any]:
        name = self.quote(table)
        for (key,) in self.connection.execute(f"SELECT id FROM {name} ORDER BY id"):
            yield key

    def rows(self, query: RowQuery) -> Iterator[list[Value]]:
        convert = cells.converter(query.families, CONVERSIONS)
        place = query.table.names.index("id")
        last = None
        try:
            for row in self.connection.execute(rows_sql(self, query)):
                last = row[place]
                yield convert(row)
        except sqlite3.OperationalError as error:
            if _NOT_UTF8 not in str(error):
                raise
        else:
            return
        # Decoding by hand costs a call per cell: only from the first bad row on.
        yield from self._decoded_by_hand(query, last, convert)

    def orphans(self, table: str, column: str, reference: Reference) -> Iterator[Any]:
        for (key,) in self.connection.execute(orphans_sql(self, table, column, reference)):
            yield key

    def words(self, table: str, column: str) -> list[str]:
        self.connection.text_factory = cells.text_or_raw  # an invalid byte does not end the query
        try:
            return [
                str(word) for (word,) in self.connection.execute(words_sql(self, table, column))
            ]
        finally:
            self.connection.text_factory = str

    def plain_rows(self, table: str, columns: Sequence[str]) -> Iterator[Sequence[Any]]:
        yield from self.connection.execute(plain_rows_sql(self, table, columns))

    def inbound(self, table: str) -> list[tuple[str, str]]:
        return self.connection.execute(sql("sqlite_inbound"), [table]).fetchall()

    def _decoded_by_hand(
        self, query: RowQuery, last: Any, convert: Callable[[Any], list[Value]]
    ) -> Iterator[list[Value]]:
        after, parameters = ("", []) if last is None else ('WHERE r."id" > ?', [last])
        self.connection.text_factory = cells.text_or_raw
        try:
            for row in self.connection.execute(rows_sql(self, query, after), parameters):
                yield convert(row)
        finally:
            self.connection.text_factory = str


def _family(declared: str) -> Family:
    upper = declared.upper()
    return next((family for word, family in _FAMILIES if word in upper), "text")
