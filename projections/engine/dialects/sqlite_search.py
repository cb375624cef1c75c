"""Search indexes on SQLite: a full-text index of trigrams, which triggers keep up to date.

It holds no texts, only which trigrams each row has. How far it has been filled stands in a table
beside it: triggers take care of the rows up to there, and the rest is added part by part, so that
other writers wait only for one part. Rows whose texts are very long are not in it, but in an index
of their own.
"""

import time
from collections.abc import Sequence
from typing import Any

from django.db import OperationalError, models, transaction

from projections.engine.searched_texts import SearchedTexts
from projections.engine.sql import sql

NONE, ALL = -(2**63), 2**63 - 1
"""The least and the greatest id: the index is empty, or filled."""
PART = 500
"""How many rows are added in one transaction."""
SILENCE = 60.0
"""Seconds without progress after which nobody is filling the index any more."""


def search_states(connection: Any, tables: Sequence[str]) -> dict[str, tuple[bool, bool]]:
    """Whether each table's search index is filled, and whether somebody is filling it."""
    try:
        found = _states_of(connection, tables)
    except OperationalError:
        # One has none, as while a rebuild puts another in its place.
        found = _states_of(connection, _with_index(connection, tables))
    return {table: found.get(table, (False, False)) for table in tables}


def _states_of(connection: Any, tables: Sequence[str]) -> dict[str, tuple[bool, bool]]:
    if not tables:
        return {}
    each = (f"SELECT '{table}', upto, at FROM \"{table}_search_filled\"" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each))
        return {
            table: (upto == ALL, upto != ALL and abs(time.time() - at) < SILENCE)
            for table, upto, at in cursor.fetchall()
        }


def _with_index(connection: Any, tables: Sequence[str]) -> list[str]:
    """Those of these tables that have an index, or had one begun."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = {name for (name,) in cursor.fetchall()}
    return [table for table in tables if f"{table}_search_filled" in names]


def let_go_of_search(connection: Any, table: str) -> None:
    """Take the search index off a table that another one replaces, which gets its own later."""
    with connection.cursor() as cursor:
        for when in WHEN:
            cursor.execute(f'DROP TRIGGER IF EXISTS "{table}_search_{when}"')
        cursor.execute(f'DROP TABLE IF EXISTS "{table}_search_filled"')


def _filled(connection: Any, table: str) -> tuple[int, float] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = %s",
            [f"{table}_search_filled"],
        )
        if cursor.fetchone() is None:
            return None
        cursor.execute(f'SELECT upto, at FROM "{table}_search_filled"')
        upto, at = cursor.fetchone()
        return upto, at


WHEN = ("added", "changed", "removed")


class TrigramIndex:
    """The search index of one table."""

    def __init__(self, connection: Any, model: type[models.Model], texts: SearchedTexts) -> None:
        self.connection, self.texts = connection, texts
        self.table, self.key = model._meta.db_table, model._meta.pk.column
        self.model, self.long = model, texts.long_columns(model)

    def build(self) -> int | None:
        """Make it, or go on where somebody stopped; returns its size in bytes."""
        if not self._begin():
            return None
        while self._add_part():
            pass
        with self.connection.cursor() as cursor:
            cursor.execute(f'SELECT sum(length(block)) FROM "{self.table}_search_data"')
            return int(cursor.fetchone()[0] or 0)

    def _begin(self) -> bool:
        """Make the empty index, unless it has been begun; False if SQLite has none such."""
        if _filled(self.connection, self.table) is not None:
            return True
        try:
            with transaction.atomic(using=self.connection.alias):
                for name, statement in self._statements():
                    self._execute(f"DROP {name}")
                    self._execute(statement)
                self._execute(
                    f'INSERT INTO "{self.table}_search_filled" VALUES (%s, %s)',
                    [NONE, time.time()],
                )
        except OperationalError as error:
            if "no such module" not in str(error):
                raise
            return False
        return True

    def _add_part(self) -> bool:
        """Add the next rows; False if there are none left."""
        with transaction.atomic(using=self.connection.alias):
            filled = _filled(self.connection, self.table)
            if filled is None:
                return False  # Another table has taken the place of this one.
            after = filled[0]
            with self.connection.cursor() as cursor:
                cursor.execute(
                    f'SELECT max("{self.key}") FROM (SELECT "{self.key}" FROM "{self.table}" '
                    f'WHERE "{self.key}" > %s ORDER BY "{self.key}" LIMIT {PART})',
                    [after],
                )
                last = cursor.fetchone()[0]
                upto = ALL if last is None else last
                cursor.execute(
                    f'INSERT INTO "{self.table}_search" (rowid, texts) '
                    f'SELECT "{self.key}", {self._text()} FROM "{self.table}" '
                    f'WHERE "{self.key}" > %s AND "{self.key}" <= %s{self._short(" AND ")}',
                    [after, upto],
                )
                cursor.execute(
                    f'UPDATE "{self.table}_search_filled" SET upto = %s, at = %s',
                    [upto, time.time()],
                )
        return last is not None

    def _statements(self) -> list[tuple[str, str]]:
        table = self.table
        names = {
            "table": table,
            "key": self.key,
            **{f"{row}_text": self._text(f"{row}.") for row in ("old", "new")},
            **{f"{row}_is_short": self._short("", f"{row}.") or "1" for row in ("old", "new")},
        }
        made = [
            (f'TABLE IF EXISTS "{table}_search"', sql("sqlite", "search_index")),
            (f'TABLE IF EXISTS "{table}_search_filled"', sql("sqlite", "search_filled")),
        ]
        if self.long:
            condition = self.texts.is_long(self.model, [f'"{column}"' for column in self.long])
            index = f'CREATE INDEX "{table}_long" ON "{table}" ("{self.key}") WHERE {condition}'
            made.append((f'INDEX IF EXISTS "{table}_long"', index))
        for when in WHEN:
            made.append(
                (f'TRIGGER IF EXISTS "{table}_search_{when}"', sql("sqlite", f"search_{when}"))
            )
        return [(name, statement.format(**names)) for name, statement in made]

    def _text(self, row: str = "") -> str:
        columns = [f'{row}"{column}"' for column in self.texts.all_columns]
        # Our folding has the one for the other; the index would not know.
        return f"replace({self.texts.joined(columns)}, '\u0130', 'i')"

    def _short(self, before: str, row: str = "") -> str:
        """The condition that the texts are not too long for the index."""
        if not self.long:
            return ""
        columns = [f'{row}"{column}"' for column in self.long]
        return f"{before}NOT ({self.texts.is_long(self.model, columns)})"

    def _execute(self, statement: str, parameters: Sequence[Any] = ()) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
