"""A restore's row as it stood at a position of the log, or at a time by the log's clock."""

from typing import Any


def row_as_of(table: Any, text: str, moment: str) -> Any:
    raise NotImplementedError
