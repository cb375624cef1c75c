"""Compares what a target holds with what was recorded of its backup."""

from __future__ import annotations

from .backup_file import Contents
from .problems import RestoreAborted

LISTED = 5
"""Differences that a message names; it counts the others."""


def refuse_differences(name: str, expected: Contents, found: Contents) -> None:
    """Raises `RestoreAborted` if something is missing or has another number of rows."""
    differences = []
    for what, rows in sorted(expected.items()):
        if what not in found:
            differences.append(f"{what} is missing")
        elif rows is not None and found[what] != rows:
            differences.append(f"{what} has {found[what]} instead of {rows}")
    if differences:
        more = len(differences) - LISTED
        shown = "; ".join(differences[:LISTED]) + (f"; and {more} more" if more > 0 else "")
        raise RestoreAborted(f"{name} does not hold what was recorded of the backup: {shown}.")


def comparison(expected: Contents, found: Contents) -> str:
    """What was compared, for the record."""
    if not expected:
        return f"It can be opened, and holds {_counted(found)}. Nothing was recorded to compare."
    counted = sum(rows is not None for rows in expected.values())
    return f"It holds {_counted(expected)} as recorded, {counted} of them counted."


def _counted(contents: Contents) -> str:
    return f"{len(contents)} table" + ("" if len(contents) == 1 else "s")
