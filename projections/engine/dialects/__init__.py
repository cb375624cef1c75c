"""The engine's dialects: what differs between databases."""

from typing import Any

from projections.engine.dialects.base import TableDialect
from projections.engine.dialects.postgresql import PostgreSQLTables
from projections.engine.dialects.sqlite import SQLiteTables

DIALECTS: dict[str, type[TableDialect]] = {"postgresql": PostgreSQLTables, "sqlite": SQLiteTables}


def table_dialect(connection: Any) -> TableDialect:
    """The dialect of a Django connection, on that connection."""
    return DIALECTS[connection.vendor](connection)
