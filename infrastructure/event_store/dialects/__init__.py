"""What each database does in its own way."""

from typing import Any

from infrastructure.event_store.dialects.base import Dialect
from infrastructure.event_store.dialects.postgresql import PostgreSQL
from infrastructure.event_store.dialects.sqlite import SQLite

DIALECTS: dict[str, Dialect] = {"postgresql": PostgreSQL(), "sqlite": SQLite()}


def dialect_for(connection: Any) -> Dialect:
    """The dialect of a Django connection."""
    return DIALECTS[connection.vendor]
