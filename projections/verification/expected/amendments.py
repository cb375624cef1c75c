"""Amendments as cells of a table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.restores.events import RestoreAmended
from domain.values import Tagged, Value
from projections.verification.cells import UNFIT, expected
from projections.verification.expected.schema import ColumnKind, ExpectedTable
from projections.verification.log_index import Entry

IN_LEGACY = {"trigger_type": "restore_method"}
"""Amendments use the consolidated table's names; in the legacy table this column has another."""


@dataclass(frozen=True)
class Amendment:
    """The last amendment of a column, and its position."""

    position: int
    cell: str
    said: Value


def amendments(table: ExpectedTable, entries: Sequence[Entry]) -> list[tuple[int, Amendment]]:
    """For each amended column of this table: its number, and the amendment in force.

    An amendment of the backup's id also amends its UUID.
    """
    last: dict[int, Amendment] = {}
    named = _amendable(table)
    for position, event in entries:
        if not isinstance(event, RestoreAmended):
            continue
        for column, value in event.changes.items():
            if table.origin == "legacy":
                column = IN_LEGACY.get(column, column)
            if column not in named:
                continue
            if table.origin == "legacy" and column == "status" and value == "partial":
                value = "completed"  # the legacy table has no partial outcome
            number = table.numbers[column]
            said = value
            if column == "source_backup_id":
                backup = event.backup
                uuid = backup.backup_id.hex if backup else None
                linked = table.numbers["backup_id"]
                cell = expected(table.rules[linked].holds, [uuid])[0]
                last[linked] = Amendment(position, cell, uuid)
                if backup is not None:
                    said = backup.legacy if table.origin == "legacy" else backup.consolidated
            cell = value_cell(table.rules[number].holds, said)
            last[number] = Amendment(position, cell, said)
    return sorted(last.items())


def amended_columns(table: ExpectedTable, entries: Sequence[Entry]) -> str:
    """The table's list of amended columns: its own names, in order, as JSON."""
    named = _amendable(table)
    own = {table.columns[number] for number, _ in amendments(table, entries)}
    return json.dumps(sorted(own & named), separators=(",", ":"))


def _amendable(table: ExpectedTable) -> frozenset[str]:
    """The columns that can be amended: those that the host's rows have as well."""
    return frozenset(table.named_in_host)


def value_cell(holds: ColumnKind, value: Value) -> str:
    """The cell of a value in the form of an event."""
    said: Any = value
    if holds.kind == "time" and value is not None:
        if not isinstance(value, Tagged) or value.kind != "time":
            return UNFIT
        said = value.v
    return expected(holds, [said])[0]
