"""Corrections made here, as cells of a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.restores.events import RestoreAmended
from domain.values import Tagged, Value
from projections.verification.cells import UNFIT, expected
from projections.verification.landmarks import Entry
from projections.verification.rules import Holds, Table

IN_LEGACY = {"trigger_type": "restore_method"}
"""Amendments name columns of the consolidated table; the legacy table calls this one otherwise."""


@dataclass(frozen=True)
class Amendment:
    """The last word on a column, and when it was said."""

    position: int
    cell: str
    said: Value


def amendments(table: Table, entries: Sequence[Entry]) -> list[tuple[int, Amendment]]:
    """For each amended column of this table: its number, and the amendment that holds."""
    last: dict[int, Amendment] = {}
    for position, event in entries:
        if not isinstance(event, RestoreAmended):
            continue
        for column, value in event.changes.items():
            if table.origin == "legacy":
                column = IN_LEGACY.get(column, column)
            if column not in table.columns:
                continue
            if table.origin == "legacy" and column == "status" and value == "partial":
                value = "completed"  # the legacy table knows no partial outcome
            number = table.columns.index(column)
            said = value
            if column == "source_backup_id" and event.backup is not None:
                backup = event.backup
                said = backup.legacy if table.origin == "legacy" else backup.consolidated
            cell = value_cell(table.rules[number].holds, said)
            last[number] = Amendment(position, cell, said)
    return sorted(last.items())


def value_cell(holds: Holds, value: Value) -> str:
    """The cell of a value as an event keeps it."""
    said: Any = value
    if holds.kind == "time" and value is not None:
        if not isinstance(value, Tagged) or value.kind != "time":
            return UNFIT
        said = value.v
    return expected(holds, [said])[0]
