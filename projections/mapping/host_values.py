"""Maps a host's row to a projection's row, by the table of columns that each package has."""

from collections.abc import Mapping, Sequence, Set
from typing import Any, Final, Literal, NamedTuple

import msgspec

from domain.backups.events import HostBackupRow
from domain.restores.events import HostRow
from domain.values import Value, chosen_value
from projections.mapping.conversions import ConversionError, Rule, to_integer

BACKUP: Final = "source_backup_id"

Provenance = Literal["observed", "derived", "assumed"]
"""Where a value comes from: read or recorded as it is, computed, or assumed."""

Unfit = dict[str, str]
"""Columns that cannot hold the events' values, and why."""


UsualSources = Mapping[str, str]
"""Maps a projection's column to the host column that fills it, unless an event names others."""


class ColumnMapping(NamedTuple):
    """One column of a projection, and the host column that usually fills it, by the row's origin.

    The value is the one that the event *assumed* for the column if there is one, else the
    *derived* one, else the *observed* one, passed through `rule`.
    """

    target: str
    rule: Rule
    legacy: str
    consolidated: str


_extra = msgspec.json.Encoder().encode


def host_values(
    event: HostRow | HostBackupRow, columns: Sequence[ColumnMapping]
) -> tuple[dict[str, Any], Unfit]:
    """The columns' values for a host's row; None for values that do not fit, with the reasons."""
    values, sources = event.columns, event.sources
    if event.derived or event.assumed or sources:
        mapped = {target: chosen_value(values, sources, target, target) for target in sources}
        values = {**values, **mapped, **event.derived, **event.assumed}
    legacy = event.origin == "legacy"
    row: dict[str, Any] = {}
    unfit: Unfit = {}
    for target, rule, from_legacy, from_consolidated in columns:
        source = from_legacy if legacy else from_consolidated
        try:
            row[target] = rule(values.get(target if target in sources else source))
        except ConversionError as misfit:
            row[target] = None
            unfit[target] = str(misfit)
    return row, unfit


def backup_misfit(event: HostRow, unfit: Unfit) -> None:
    """Add the reason that withholds a row whose backup id in the host is not an integer.

    Such a value links to no backup, so the event has no backup, but its columns have the value.
    """
    if event.backup is None:
        convert(
            BACKUP, to_integer, chosen_value(event.columns, event.sources, BACKUP, BACKUP), unfit
        )


def convert(target: str, rule: Rule, value: Value, unfit: Unfit) -> Any:
    """Apply the rule to one value; None, with the reason in `unfit`, if it does not fit."""
    unfit.pop(target, None)
    try:
        return rule(value)
    except ConversionError as misfit:
        unfit[target] = str(misfit)
        return None


def extra(event: HostRow | HostBackupRow, usual: UsualSources) -> str:
    """The columns that the row does not show, verbatim, in the host's order, as JSON text."""
    columns, shown = event.columns, _shown(event, usual)
    if columns.keys() <= shown:
        return "{}"
    return _extra({k: v for k, v in columns.items() if k not in shown}).decode()


def _shown(event: HostRow | HostBackupRow, usual: UsualSources) -> Set[str]:
    """The host's columns that the row shows: those that fill a column, and empty alternatives."""
    if not event.sources:
        return frozenset(usual.values())
    shown = set()
    for target, source in usual.items():
        filled = False
        for name in event.sources.get(target, (source,)):
            says = event.columns.get(name) is not None
            if not (says and filled):
                shown.add(name)  # Alternatives with another value stay in `extra`.
            filled = filled or says
    return shown
