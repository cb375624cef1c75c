"""The statements of a projection written by hand: our tables, our pure projectors, plain SQL."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from domain.events import Event
from projections.engine.registry import PROJECTIONS, Projection, row_projections

SCOPE = "native"


def tables_of(event: Event) -> Iterator[Projection]:
    """The tables that may show this event."""
    for table in row_projections():
        if isinstance(event, table.event_type) and table.includes(SCOPE, event):
            yield table


@cache
def columns(label: str) -> tuple[str, ...]:
    return tuple(PROJECTIONS[label].columns)


def values(table: Projection, row: Any) -> list[Any]:
    return [getattr(row, column) for column in columns(table.label)]


@cache
def select(label: str, mark: str) -> str:
    """Reads a stream's row; `mark` is the driver's placeholder."""
    table = PROJECTIONS[label]
    return f"SELECT {', '.join(table.columns)} FROM {table.table} WHERE {table.key} = {mark}"


@cache
def upsert(label: str, mark: str) -> str:
    """Writes a row, whether it is there or not."""
    table = PROJECTIONS[label]
    marks = ", ".join([mark] * len(table.columns))
    changed = ", ".join(f"{c} = excluded.{c}" for c in table.columns if c != "id")
    return (
        f"INSERT INTO {table.table} ({', '.join(table.columns)}) VALUES ({marks}) "
        f"ON CONFLICT (id) DO UPDATE SET {changed}"
    )


@cache
def delete(label: str, mark: str) -> str:
    """Removes a stream's row."""
    table = PROJECTIONS[label]
    return f"DELETE FROM {table.table} WHERE {table.key} = {mark}"
