"""Which versions pass: those of restores that have not ended. Pure."""

from typing import Any, Final

from domain.restores.values import Status

UNFINISHED: Final = frozenset({Status.PENDING, Status.IN_PROGRESS})


def passes(row: Any) -> bool:
    """Whether the row will soon have another version."""
    return row.status in UNFINISHED
