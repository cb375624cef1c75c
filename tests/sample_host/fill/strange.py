"""The further columns of the strange host."""

from collections.abc import Iterator

from .plan import Plan, Row


def backups(plan: Plan, app: str, rows: Iterator[Row]) -> Iterator[Row]:
    """Backups with what the strange host knows of them."""
    return rows


def restores(plan: Plan, app: str, rows: Iterator[Row]) -> Iterator[Row]:
    """Restores with what the strange host knows of them."""
    return rows
