"""Corrections made here, as cells of a table."""

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
"""Amendments name columns of the consolidated table; the legacy table calls this one otherwise."""


@dataclass(frozen=True)
class Amendment:
    """The last word on a column, and when it was said."""

    position: int
    cell: str
    said: Value


def amendments(table: ExpectedTable, entries: Sequence[Entry]) -> list[tuple[int, Amendment]]:
    """For each amended column of this table: its number, and the amendment that holds.

    Whoever amends the backup's id amends its UUID, too.
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
                value = "completed"  # the legacy table knows no partial outcome
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
    """What the table lists as amended: its own names of the columns, in order, as JSON."""
    named = _amendable(table)
    own = {table.columns[number] for number, _ in amendments(table, entries)}
    return json.dumps(sorted(own & named), separators=(",", ":"))


def _amendable(table: ExpectedTable) -> frozenset[str]:
    """The columns that amendments can be of: those that the host's rows have as well."""
    return frozenset(table.named_in_host)


def value_cell(holds: ColumnKind, value: Value) -> str:
    """The cell of a value as an event keeps it."""
    said: Any = value
    if holds.kind == "time" and value is not None:
        if not isinstance(value, Tagged) or value.kind != "time":
            return UNFIT
        said = value.v
    return expected(holds, [said])[0]
