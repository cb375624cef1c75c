"""A host all of whose named columns are of one declared type, with a row for each odd value."""

from collections.abc import Sequence
from contextlib import closing

from tests.infrastructure.hosts.tiny import (
    CONSOLIDATED,
    CONSOLIDATED_BACKUPS,
    DEFAULTS,
    LEGACY,
    LEGACY_BACKUPS,
    TABLES,
    WHEN,
    TinyHost,
)
from tests.support import raw

NAMED = {
    table: [part.split()[0] for part in TABLES[table].split(", ") if not part.startswith("id ")]
    for table in (LEGACY_BACKUPS, CONSOLIDATED_BACKUPS, LEGACY, CONSOLIDATED)
}
"""The columns of each table that have columns in the projections."""

PLAIN = "plain"
"""What the rows are called once they are repaired."""


class OddHost(TinyHost):
    """Its four tables hold the values, SQL literals, in every named column, keys from 1 on."""

    def __init__(self, url: str, declared: str, values: Sequence[str]) -> None:
        super().__init__(url)
        self.values = values
        self._replace(dict.fromkeys(self._names(), declared))
        for table, columns in NAMED.items():
            self._fill(table, [[value] * len(columns) for value in self.values])

    def repair(self) -> None:
        """The usual columns again, with usual values."""
        self._replace(None)
        for table, columns in NAMED.items():
            usual = {**DEFAULTS.get(table, {}), "name": PLAIN, "created_at": WHEN}
            row = [self._literal(usual.get(column)) for column in columns]
            self._fill(table, [row] * len(self.values))

    def _names(self) -> set[str]:
        return {column for columns in NAMED.values() for column in columns}

    def _literal(self, value: object) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        return "NULL" if value is None else f"'{value}'"

    def _replace(self, types: dict[str, str] | None) -> None:
        """The four tables anew, with these types for their named columns, or the usual ones."""
        with raw.connect(self.url) as connection, closing(connection.cursor()) as cursor:
            for table, columns in NAMED.items():
                cursor.execute(f"DROP TABLE {table}")
                if types is None:
                    definition = TABLES[table].format(**self.types)
                else:
                    named = ", ".join(f"{column} {types[column]}" for column in columns)
                    definition = f"id {self.types['key']} PRIMARY KEY, {named}"
                cursor.execute(f"CREATE TABLE {table} ({definition})")

    def _fill(self, table: str, rows: Sequence[Sequence[str]]) -> None:
        names = ", ".join(("id", *NAMED[table]))
        marks = [f"({key}, {', '.join(row)})" for key, row in enumerate(rows, 1)]
        with raw.connect(self.url) as connection, closing(connection.cursor()) as cursor:
            if self.url.startswith("mysql"):
                cursor.execute("SET sql_mode = ''")
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES {', '.join(marks)}")
