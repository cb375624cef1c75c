"""The host's database, and the statements of a migration for its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError

from projections.host_migration.template.constants import RECORD, SQL, TABLES, UNCHANGED

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# --- The text from here on is the same in every migration. ---

SETTINGS = (
    "SET LOCAL TimeZone TO 'UTC'",
    "SET LOCAL DateStyle TO 'ISO, YMD'",
    "SET LOCAL IntervalStyle TO 'postgres'",
    "SET LOCAL extra_float_digits TO 1",
    "SET LOCAL bytea_output TO 'hex'",
)
"""PostgreSQL: values as text are the same in every session, so their digests are too."""
ALL_RECORD = {"restorelog_moved_row", "restorelog_filled_row", "restorelog_moved_counter", *RECORD}


class MoveRefused(CommandError):
    """Something is in the way. The message says what, and what was changed."""

    def __init__(self, found: list[str], advice: str = "") -> None:
        super().__init__(f"{'; '.join(found)}. {UNCHANGED}{advice and ' '}{advice}")


class HostDatabase:
    """The host's database, and the statements of this migration for its kind."""

    def __init__(self, schema_editor: BaseDatabaseSchemaEditor) -> None:
        self.connection = schema_editor.connection
        self.vendor = self.connection.vendor
        self.sql = SQL[self.vendor]

    def quote(self, name: str) -> str:
        return str(self.connection.ops.quote_name(name))

    def run(self, statement: str, parameters: list[Any] | None = None) -> int:
        """The number of rows that it changed."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return int(cursor.rowcount)

    def rows(self, statement: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return [tuple(row) for row in cursor.fetchall()]

    def value(self, statement: str, parameters: list[Any] | None = None) -> Any:
        return self.rows(statement, parameters)[0][0]

    def named(self, name: str, ids: tuple[int, int] | None = None) -> int:
        """Run a statement of this migration, on rows above the first id, up to the second."""
        return self.run(self.sql[name], limits(self.sql[name], ids))

    def found(self, name: str, ids: tuple[int, int] | None = None) -> list[tuple[Any, ...]]:
        """The rows that a query of this migration finds."""
        return self.rows(self.sql[name], limits(self.sql[name], ids))

    def count(self, table: str) -> int:
        return int(self.value(f"SELECT count(*) FROM {self.quote(table)}"))

    def tables(self) -> set[str]:
        return set(self.connection.introspection.table_names())

    def has_legacy_tables(self) -> bool:
        return {legacy for legacy, _ in TABLES.values()} <= self.tables()

    def columns_and_indexes(self) -> tuple[set[str], set[str]]:
        """The names of the columns and of the indexes of the consolidated restores."""
        table, look = TABLES["restore"][1], self.connection.introspection
        with self.connection.cursor() as cursor:
            columns = {one.name for one in look.get_table_description(cursor, table)}
            return columns, set(look.get_constraints(cursor, table))

    def lock_file(self) -> None:
        """SQLite: a statement that writes locks it; what was read before might be outdated."""
        if self.vendor == "sqlite":
            self.run("DELETE FROM django_migrations WHERE 1 = 0")

    def settings(self) -> None:
        if self.vendor == "postgresql":
            for statement in SETTINGS:
                self.run(statement)


def limits(statement: str, ids: tuple[int, int] | None) -> list[Any] | None:
    """The parameters of a statement for rows with these ids, which it may name several times."""
    if ids is None:
        return None
    return list(ids) * (statement.replace("%%", "").count("%s") // 2)
