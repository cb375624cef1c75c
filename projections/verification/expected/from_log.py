"""The expected rows of the host according to the log's last import of them.

Used only to explain a difference: either the table does not show what is in the log, or the host
has changed since.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from domain.backups.events import (
    BackupCopyChangedInHost,
    BackupVanishedFromHost,
    HostBackupRow,
)
from domain.restores.events import (
    HostRow,
    RestoreCopyChangedInHost,
    RestoreVanishedFromHost,
)
from domain.values import Tagged, Value
from projections.verification.cells import Cells, expected
from projections.verification.chunks import CellViolation
from projections.verification.expected.amendments import amended_columns, amendments, value_cell
from projections.verification.expected.schema import Computed, Constant, ExpectedTable, Rule
from projections.verification.expected.sources import (
    assumed_value,
    first_logged,
    is_filled,
    logged_source,
    shown_of,
)
from projections.verification.expected.violations import plain
from projections.verification.log_index import Entry

CopyChanged = RestoreCopyChangedInHost | BackupCopyChangedInHost
"""The events that say what the copy of a legacy row says."""


def cells_from_log(
    table: ExpectedTable, entries: Sequence[Entry], shift: int, stream: str
) -> Cells | None:
    """The row's cells by the log, with amendments; None if it is unknown or has vanished."""
    row = standing_row(entries)
    return None if row is None else amended_cells(table, row, entries, shift, stream)


def amended_cells(
    table: ExpectedTable,
    row: HostRow | HostBackupRow,
    entries: Sequence[Entry],
    shift: int,
    stream: str,
) -> Cells:
    """The cells of a host's row in an event, overlaid by the amendments among these entries."""
    cells = logged_cells(table, row, shift)
    for number, amendment in amendments(table, entries):
        cells[number] = amendment.cell
    by_all: dict[str, str | int] = {table.key: UUID(stream).hex, "version": len(entries)}
    if table.subject == "restore":
        by_all["amended"] = amended_columns(table, entries)
    for column, value in by_all.items():
        number = table.numbers[column]
        cells[number] = expected(table.rules[number].holds, [value])[0]
    return cells


def standing_row(entries: Sequence[Entry]) -> HostRow | HostBackupRow | None:
    """The last event with a host row's values; None if the row is unknown or has vanished."""
    row: HostRow | HostBackupRow | None = None
    for _, event in entries:
        if isinstance(event, HostRow | HostBackupRow):
            row = event
        elif isinstance(event, RestoreVanishedFromHost | BackupVanishedFromHost):
            row = None
    return row


def own_row(entries: Sequence[Entry]) -> HostRow | HostBackupRow:
    """The last event with the values of the row itself, not of its copy. There is one."""
    return next(
        event
        for _, event in reversed(entries)
        if isinstance(event, HostRow | HostBackupRow) and not isinstance(event, CopyChanged)
    )


def logged_cells(table: ExpectedTable, event: HostRow | HostBackupRow, shift: int) -> Cells:
    """The cells of a host row in one event. Values that need all its events are left out."""
    return [
        _computed(rule, source, event)
        if isinstance(source := rule.source(event.origin), Computed)
        else value_cell(rule.holds, _said(table, rule, event, shift))
        for rule in table.rules
    ]


def _computed(rule: Rule, source: Computed, event: HostRow | HostBackupRow) -> str:
    """The cell of a value that the importer computed; "" if one event is not enough to know it."""
    if isinstance(event, HostRow):
        if source.what == "backup":
            uuid = event.backup.backup_id.hex if event.backup else None
            return expected(rule.holds, [uuid])[0]
        if source.what == "username":
            return expected(rule.holds, [event.username])[0]
    return ""


def logged_misfit(
    table: ExpectedTable,
    row: HostRow | HostBackupRow,
    entries: Sequence[Entry],
    shift: int,
    number: int,
) -> CellViolation:
    """The value that a column cannot hold: from the last amendment among these, or the row."""
    amendment = dict(amendments(table, entries)).get(number)
    if amendment is not None:
        return CellViolation(number, plain(amendment.said), "here")
    said = _said(table, table.rules[number], row, shift)
    return CellViolation(number, plain(said), "retired")


def _said(into: ExpectedTable, rule: Rule, event: HostRow | HostBackupRow, shift: int) -> Value:
    source = rule.source(event.origin)
    if isinstance(source, Constant):
        return source.value
    if isinstance(source, Computed):  # the only one that a column may be too short for
        return event.username if isinstance(event, HostRow) else None
    if rule.holds.kind == "extra":
        return _extra(into, event)
    if rule.column == "source_backup_id" and isinstance(event, RestoreCopyChangedInHost):
        # The copy's backup may be one that the legacy table cannot name.
        backup = event.backup
        if backup is None:
            return None
        return backup.legacy if into.origin == "legacy" else backup.consolidated
    value = _value(into, rule, event)
    if shift and rule.column in ("id", "source_backup_id") and isinstance(value, int):
        value += shift
    return value


def _extra(into: ExpectedTable, event: HostRow | HostBackupRow) -> str:
    """The columns that fill no column of this table, as JSON."""
    shown = {
        name
        for rule in into.rules
        if is_filled(rule, event.origin)
        for name in shown_of(logged_source(rule, event.origin, event.sources), event.columns)
    }
    extra = {name: value for name, value in event.columns.items() if name not in shown}
    return msgspec.json.encode(extra).decode()


def _value(into: ExpectedTable, rule: Rule, event: HostRow | HostBackupRow) -> Value:
    """Assumed wins over derived, and derived over what was read."""
    column = rule.column
    known = first_logged(event.columns, logged_source(rule, event.origin, event.sources))
    if column == "target_database" and into.origin == "legacy" and known == "":
        return known  # The value derived for an empty one is for the consolidated table.
    for said in (event.assumed, event.derived):
        if column in said:
            value = said[column]
            # An instant computed from a local time may be stored as plain text.
            if isinstance(value, str) and isinstance(known, Tagged) and known.kind == "time":
                return Tagged("time", value)
            return value
    if known is None and rule.column not in event.columns:
        return assumed_value(rule, event.origin)
    return known
