"""Amendments: values corrected here win over later values of the host."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from domain.restores.events import RestoreAmended
from projections.mapping.conversions import to_integer
from projections.mapping.host_values import ColumnMapping, Unfit, convert

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[str]).decode


def names(amended: str) -> list[str]:
    """The columns listed in a row's `amended`."""
    return [] if amended == "[]" else _decode(amended)


def listed(columns: Iterable[str]) -> str:
    """The text of `amended` for these columns."""
    return _encode(sorted(columns)).decode()


def apply(
    event: RestoreAmended,
    amendable: Mapping[str, ColumnMapping],
    backup_id: int | None,
    unfit: Unfit,
) -> dict[str, Any]:
    """The columns that an amendment changes, with their new values.

    `amendable` maps the names in the event to this table's columns; other names have no column
    in this table. `backup_id` is the new backup's id in this table. `unfit` is changed in place.
    """
    changed: dict[str, Any] = {}
    for name, value in event.changes.items():
        if name == "source_backup_id":
            changed[name] = convert(name, to_integer, backup_id, unfit)
        elif name in amendable:
            column = amendable[name]
            changed[column.target] = convert(column.target, column.rule, value, unfit)
    return changed


def keep_amended(
    amended: str, before: Any, values: dict[str, Any], unfit: Unfit, was_unfit: Unfit
) -> None:
    """Overwrite a host row's new `values` with the amended ones of the row `before`."""
    for column in names(amended):
        values[column] = getattr(before, column)
        unfit.pop(column, None)
        if column in was_unfit:
            unfit[column] = was_unfit[column]
        if column == "source_backup_id":
            values["backup_id"] = before.backup_id
