"""Queries that SQLite answers by a given index, or by the primary key.

SQLite knows nothing of how many rows a condition leaves. It prefers an index with an equality, such
as that of a status which most rows have, to one of few rows. PostgreSQL knows, and chooses itself.
"""

from typing import Any, cast

from django.db import connections
from django.db.models import QuerySet
from django.db.models.sql.datastructures import BaseTable

BY_KEY = ""


class _IndexedTable(BaseTable):
    """A table of a query, with the index to read it by, or `BY_KEY`."""

    def __init__(self, table_name: str, alias: str | None, index: str) -> None:
        super().__init__(table_name, alias)
        self.index = index

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, parameters = super().as_sql(compiler, connection)
        if connection.vendor == "sqlite":
            named = f" INDEXED BY {connection.ops.quote_name(self.index)}"
            sql += " NOT INDEXED" if self.index == BY_KEY else named
        return sql, parameters

    def relabeled_clone(self, change_map: Any) -> "_IndexedTable":
        alias = change_map.get(self.table_alias, self.table_alias)
        return _IndexedTable(self.table_name, alias, self.index)

    @property
    def identity(self) -> tuple[Any, ...]:
        return (*super().identity, self.index)


def by_key(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The same rows, read by the primary key, of which a condition leaves few."""
    options = rows.model._meta
    # SQLite keeps the rows by a key of this type alone; another one has an index like any other.
    is_kept_by = options.pk.db_type(connections[rows.db]) == "integer"
    return by_index(rows, BY_KEY if is_kept_by else _key_index(options.db_table))


def _key_index(table: str) -> str:
    """What SQLite calls the index of a table's primary key."""
    return f"sqlite_autoindex_{table}_1"


def is_by_key(rows: QuerySet[Any]) -> bool:
    """Whether these are the rows of `by_key`."""
    keys = (BY_KEY, _key_index(rows.model._meta.db_table))
    query = cast(Any, rows.query)
    return any(getattr(one, "index", None) in keys for one in query.alias_map.values())


def by_index(rows: QuerySet[Any], index: str) -> QuerySet[Any]:
    """The same rows, read by this index. Its condition, if it has one, must be one of the query."""
    rows = rows.all()
    query = cast(Any, rows.query)
    alias = query.get_initial_alias()
    query.alias_map[alias] = _IndexedTable(query.alias_map[alias].table_name, alias, index)
    return rows
