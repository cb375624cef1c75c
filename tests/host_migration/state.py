"""All that a host's database holds, read with the driver alone: rows, declarations, counters."""

import json
import sqlite3
from typing import Any

from tests.support import raw

APART = "django_migrations"
"""What Django notes of migrations, which are run."""
PERMISSIONS = "_permissions"
"""How tables end whose counters are apart: who has which permission has no number of its own."""


def state_of(url: str) -> dict[str, Any]:
    """The whole state, comparable; `django_migrations` is left out."""
    found = STATES[url.partition(":")[0]](url)
    return {name: repr(value) for name, value in found.items()}


def applied(url: str) -> list[str]:
    """The migrations of `system_backups` that Django notes as applied."""
    names = f"SELECT name FROM {APART} WHERE app = 'system_backups' ORDER BY id"
    return [str(name) for (name,) in raw.rows(url, names)]


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What differs, for a message that can be read."""
    return {
        name: (before.get(name), after.get(name))
        for name in {*before, *after}
        if before.get(name) != after.get(name)
    }


def _of_sqlite(url: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with raw.connect(url) as connection:
        connection.text_factory = bytes
        tables = _names(connection)
        for name in tables:
            if name in (APART, "sqlite_sequence"):
                continue
            found[f"{name}: columns"] = _list(
                connection,
                'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_xinfo(?)',
                name,
            )
            found[f"{name}: keys"] = _list(
                connection,
                'SELECT "table", "from", "to", on_delete FROM pragma_foreign_key_list(?)',
                name,
            )
            found[f"{name}: rows"] = _list(connection, f'SELECT * FROM "{name}"')
        found["indexes"] = _list(
            connection, "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'"
        )
        found["counters"] = _list(
            connection,
            "SELECT name, seq FROM sqlite_sequence WHERE name <> ? AND name NOT LIKE ?",
            APART,
            f"%{PERMISSIONS}",
        )
    return found


def _names(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return sorted(name.decode() for (name,) in rows)


def _list(connection: sqlite3.Connection, query: str, *parameters: str) -> list[Any]:
    return sorted(map(repr, connection.execute(query, parameters)))


def _of_postgresql(url: str) -> dict[str, Any]:
    with raw.connect(url) as connection:

        def rows(query: str) -> list[Any]:
            return list(connection.execute(query).fetchall())

        found: dict[str, Any] = {
            "columns": rows(
                "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,"
                " column_default FROM information_schema.columns WHERE table_schema = 'public'"
                " ORDER BY 1, 2"
            ),
            "constraints": rows(
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
                " FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
            ),
            "indexes": rows(
                "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
            ),
        }
        for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            if name != APART:
                # Whatever the order of the columns: one that is added again is the last one.
                listed = rows(f'SELECT to_jsonb(t)::text FROM "{name}" AS t ORDER BY 1')
                found[f"{name}: rows"] = [json.loads(row) for (row,) in listed]
        for (name,) in rows("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"):
            if not name.startswith(APART) and PERMISSIONS not in name:
                found[f"{name}: counter"] = rows(f'SELECT last_value, is_called FROM "{name}"')
    return found


def _of_mysql(url: str) -> dict[str, Any]:
    """The names of the columns, and all rows."""
    columns = (
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = database() ORDER BY 1, 2"
    )
    found: dict[str, Any] = {"columns": raw.rows(url, columns)}
    for table in {name for name, _ in found["columns"]} - {APART}:
        found[f"{table}: rows"] = sorted(map(repr, raw.rows(url, f"SELECT * FROM `{table}`")))
    return found


STATES = {"sqlite": _of_sqlite, "postgres": _of_postgresql, "mysql": _of_mysql}
