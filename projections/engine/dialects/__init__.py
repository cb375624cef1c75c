"""What each database does in its own way."""

from typing import Any

from projections.engine.dialects.base import Dialect
from projections.engine.dialects.postgresql import PostgreSQL
from projections.engine.dialects.sqlite import SQLite

DIALECTS: dict[str, type[Dialect]] = {"postgresql": PostgreSQL, "sqlite": SQLite}


def dialect_for(connection: Any) -> Dialect:
    """The dialect of a Django connection, on that connection."""
    return DIALECTS[connection.vendor](connection)
