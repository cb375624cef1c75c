"""From a host's row to a projection's row, by a table of columns that each package writes down."""

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec

from domain.backups.events import HostBackupRow
from domain.restores.events import HostRow
from domain.values import Columns, Value
from projections.rules import Misfit, Rule, integer

BACKUP: Final = "source_backup_id"

Provenance = Literal["observed", "derived", "assumed"]
"""Where a value comes from: read or recorded as such, computed, or supposed."""

Unfit = dict[str, str]
"""Columns that cannot hold what the events say, and why."""


class Column(NamedTuple):
    """One column of a projection, and the host column that fills it, by the row's origin.

    The value is the event's *assumed* one of that name if it has one, else its *derived* one,
    else the *observed* one, passed through `rule`.
    """

    target: str
    rule: Rule
    legacy: str
    consolidated: str


_extra = msgspec.json.Encoder().encode


def host_values(
    event: HostRow | HostBackupRow, columns: Sequence[Column]
) -> tuple[dict[str, Any], Unfit]:
    """What the columns show of a host's row; None for those that cannot, with the reasons."""
    values = event.columns
    if event.derived or event.assumed:
        values = {**values, **event.derived, **event.assumed}
    legacy = event.origin == "legacy"
    row: dict[str, Any] = {}
    unfit: Unfit = {}
    for target, rule, from_legacy, from_consolidated in columns:
        try:
            row[target] = rule(values.get(from_legacy if legacy else from_consolidated))
        except Misfit as misfit:
            row[target] = None
            unfit[target] = str(misfit)
    return row, unfit


def backup_misfit(event: HostRow, unfit: Unfit) -> None:
    """Say what keeps a row out whose backup the host names by something that is not an integer.

    Such a value links to no backup, so the event has none; the columns still say it.
    """
    if event.backup is None:
        convert(BACKUP, integer, event.columns.get(BACKUP), unfit)


def convert(target: str, rule: Rule, value: Value, unfit: Unfit) -> Any:
    """One value through its rule; None, with the reason in `unfit`, if the column cannot."""
    unfit.pop(target, None)
    try:
        return rule(value)
    except Misfit as misfit:
        unfit[target] = str(misfit)
        return None


def extra(columns: Columns, named: frozenset[str]) -> str:
    """The columns that nobody named, verbatim, in the host's order, as JSON text."""
    if columns.keys() <= named:
        return "{}"
    return _extra({k: v for k, v in columns.items() if k not in named}).decode()
