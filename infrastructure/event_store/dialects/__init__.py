"""The log's dialects: the operations that differ between databases."""

from typing import Any

from infrastructure.event_store.dialects.base import LogDialect
from infrastructure.event_store.dialects.postgresql import PostgreSQLLog
from infrastructure.event_store.dialects.sqlite import SQLiteLog

DIALECTS: dict[str, LogDialect] = {"postgresql": PostgreSQLLog(), "sqlite": SQLiteLog()}


def log_dialect(connection: Any) -> LogDialect:
    """The dialect of a Django connection."""
    return DIALECTS[connection.vendor]
