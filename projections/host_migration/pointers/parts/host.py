"""The host's database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from projections.host_migration.pointers.parts.pointers import ForeignKey, Generic, Grants
from projections.host_migration.pointers.parts.values import FOREIGN_KEYS, GENERIC, GRANTS, TABLES

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# --- The text from here on is the same in every migration. ---


class Host:
    """The host's database, and what in it refers to restores and backups."""

    def __init__(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        self.connection = schema_editor.connection
        self.vendor = self.connection.vendor
        if self.vendor == "sqlite":
            # A statement that writes locks the file; what was read before it might be outdated.
            self.run("DELETE FROM django_migrations WHERE 1 = 0")
        there = self.tables()
        self.foreign_keys = [
            ForeignKey(*one, self.key_of(one[1])) for one in FOREIGN_KEYS if one[1] in there
        ]
        self.generic = [Generic(*one, self.key_of(one[0])) for one in GENERIC if one[0] in there]
        self.grants = [Grants(*one, self.key_of(one[0])) for one in GRANTS if one[0] in there]

    def quote(self, name: str) -> str:
        return str(self.connection.ops.quote_name(name))

    def run(self, statement: str, parameters: list[Any] | None = None) -> int:
        """Run a statement; how many rows it changed."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return int(cursor.rowcount)

    def rows(self, statement: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return [tuple(row) for row in cursor.fetchall()]

    def value(self, statement: str) -> int:
        return int(self.rows(statement)[0][0])

    def listed(self, statement: str, pointer: str, what: str) -> list[str]:
        """A line on the rows that a statement finds, with the first ids; none if it finds none."""
        rows = self.rows(statement)
        if not rows:
            return []
        ids = ", ".join(str(key) for key, _ in rows)
        count = rows[0][1]
        more = ", …" if count > len(rows) else ""
        return [f"{pointer}: {count} {what} ({ids}{more})"]

    def tables(self) -> set[str]:
        return set(self.connection.introspection.table_names())

    def constraints(self, table: str) -> dict[str, Any]:
        with self.connection.cursor() as cursor:
            found = self.connection.introspection.get_constraints(cursor, table)
        return dict(found)

    def key_of(self, table: str) -> str:
        """The column that is the table's primary key; empty if it has none, or one of several."""
        for one in self.constraints(table).values():
            if one["primary_key"] and len(one["columns"]) == 1:
                return str(one["columns"][0])
        return ""

    def has_legacy_tables(self) -> bool:
        return {legacy for legacy, _ in TABLES.values()} <= self.tables()

    def lock(self) -> None:
        """PostgreSQL: wait for others to end, and keep new ones out, always in the same order."""
        if self.vendor != "postgresql":
            return
        there = self.tables()
        ours = [one for pair in zip(*TABLES.values(), strict=True) for one in pair]
        altered = [*ours, *sorted({one.table for one in self.foreign_keys})]
        typed = [*(one.table for one in self.generic), *(one.table for one in self.grants)]
        written = sorted({*typed} - {*altered})
        # A foreign key is dropped and added under these locks; to raise one later could deadlock.
        for tables, mode in ((altered, "ACCESS EXCLUSIVE"), (written, "SHARE ROW EXCLUSIVE")):
            named = ", ".join(self.quote(one) for one in tables if one in there)
            if named:
                self.run(f"LOCK TABLE {named} IN {mode} MODE")
