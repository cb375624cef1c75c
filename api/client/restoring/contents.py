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


def comparison(expected: Contents, found: Contents, *, holds_files: bool) -> str:
    """What was compared, for the record. A target that `holds_files` has only their number."""
    shown = expected or found
    things = sum(rows or 0 for rows in shown.values()) if holds_files else len(shown)
    told = f"It holds {things:,} {'file' if holds_files else 'table'}{'' if things == 1 else 's'}"
    if not expected:
        return f"{told}. Nothing was recorded to compare."
    if holds_files:
        return f"{told}, as recorded."
    counted = sum(rows is not None for rows in expected.values())
    rows = f"the rows of {counted} were counted" if counted else "no rows were counted"
    return f"{told}, as recorded; {rows}."
