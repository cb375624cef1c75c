"""SQLite: one read transaction, one cursor per table."""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import inf
from typing import Any

from domain.values import Tagged, Value
from projections.verification.actual.readers.base import (
    BATCH_BYTES,
    BATCH_ROWS,
    Lookup,
    ReadColumn,
    Row,
    Wanted,
)
from projections.verification.sql import query

STEP = 50
"""How many rows are fetched before their size is checked."""
SIZED = (str, bytes)
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE | re.ASCII)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _tolerant(text: bytes) -> str:
    """Decode text; bytes that are not UTF-8 become lone surrogates."""
    return text.decode("utf-8", "surrogateescape")


class SQLiteSnapshotReader:
    """Reads on a connection in a transaction."""

    vendor = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def quoted(self, table: str) -> str:
        return _quoted(table)

    def columns(self, table: str) -> list[ReadColumn]:
        return [ReadColumn(*row) for row in self.rows(query("sqlite_columns"), (table,))]

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[Row]:
        return self.connection.execute(sql, params).fetchall()

    def references(self, table: str) -> dict[str, tuple[str, str]]:
        found = self.rows(query("sqlite_foreign_keys"), (table,))
        return {column: (other, key) for column, other, key in found}

    def declared(self, table: str) -> dict[str, str]:
        return dict(self.rows("SELECT name, type FROM pragma_table_xinfo(?)", (table,)))

    def stream(
        self, table: str, wanted: Sequence[Wanted], lookup: Lookup | None = None
    ) -> Iterator[list[Row]]:
        expressions = [_quoted(want.column.name) for want in wanted]
        if lookup is not None:
            expressions.append(_looked_up(table, lookup))
        select = ", ".join(expressions)
        sql = f"SELECT id, {select} FROM {_quoted(table)}"
        long = [n for n, want in enumerate(wanted) if _is_long(want)]
        last: int | None = None
        try:
            for batch in self._batches(f"{sql} ORDER BY id", (), long):
                yield [row[1:] for row in batch]
                last = batch[-1][0]
        except sqlite3.OperationalError as error:
            if "decode" not in str(error).lower():
                raise
        else:
            return
        # Some text is not UTF-8, so the rest of this table is read the slow way.
        self.connection.text_factory = _tolerant
        try:
            where, params = ("", ()) if last is None else (" WHERE id > ?", (last,))
            for batch in self._batches(f"{sql}{where} ORDER BY id", params, long):
                yield [row[1:] for row in batch]
        finally:
            self.connection.text_factory = str

    def pick(
        self, table: str, wanted: Sequence[Wanted], key: str, streams: Sequence[str]
    ) -> list[Row]:
        # Expressions: for a plain column a driver may convert values by the declared type.
        select = ", ".join(f"+{_quoted(want.column.name)}" for want in wanted)
        marks = ", ".join("?" * len(streams))
        sql = f"SELECT {select} FROM {_quoted(table)} WHERE {_quoted(key)} IN ({marks})"
        return self.rows(sql, streams)

    def _batches(self, sql: str, params: Sequence[Any], long: Sequence[int]) -> Iterator[list[Row]]:
        cursor = self.connection.execute(sql, params)
        batch: list[Row] = []
        size = 0
        while rows := cursor.fetchmany(STEP):
            batch += rows
            for n in long:
                size += sum([len(row[n + 1]) for row in rows if row[n + 1].__class__ in SIZED])
            if len(batch) >= BATCH_ROWS or size > BATCH_BYTES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def is_local_time(self, column: ReadColumn) -> bool:
        return True

    def is_time(self, column: ReadColumn) -> bool:
        if "bool" in column.type:
            return False
        return "datetime" in column.type or "timestamp" in column.type

    def is_exact(self, want: Wanted) -> bool:
        # A key of any type is shown as text; other tagged values fit no column.
        return want.kind != "person" and _keep_text(self, want.column) is _as_it_is

    def verbatim(self, column: ReadColumn) -> Callable[[Any], Value]:
        keep_text = _keep_text(self, column)

        def keep(value: Any) -> Value:
            if isinstance(value, str):
                try:
                    value.encode()
                except UnicodeEncodeError:
                    return Tagged("raw", value.encode("utf-8", "surrogateescape").hex())
                return keep_text(value)
            if isinstance(value, bytes):
                return Tagged("bytes", value.hex())
            if isinstance(value, float):
                special = {inf: "Infinity", -inf: "-Infinity"}
                return Tagged("float", special.get(value, repr(value)))
            kept: int | None = value
            return kept

        return keep

    def close(self) -> None:
        self.connection.close()


def _looked_up(table: str, lookup: Lookup) -> str:
    return query("lookup").format(
        name=f"other.{_quoted(lookup.name)}",
        other=_quoted(lookup.table),
        key=_quoted(lookup.key),
        column=lookup.column(_quoted(table), _quoted),
    )


def _is_long(want: Wanted) -> bool:
    return want.kind in ("verbatim", "extra") or want.column.name == "message"


def _keep_text(reader: SQLiteSnapshotReader, column: ReadColumn) -> Callable[[str], Value]:
    """Text stays text, except in columns that are declared with another type."""
    if "bool" in column.type:
        return _as_it_is
    if reader.is_time(column):
        return partial(Tagged, "time")
    if "decimal" in column.type or "numeric" in column.type:
        return lambda text: Tagged("decimal", text) if NUMBER.fullmatch(text) else text
    words = ("bool", "int", "char", "clob", "text", "blob", "real", "floa", "doub")
    if not any(word in column.type for word in words) and (
        "date" in column.type or "time" in column.type
    ):
        return partial(Tagged, "raw")
    return _as_it_is


def _as_it_is(text: str) -> Value:
    return text
