"""How a restore's `is_overwrite` is known, which decides how far to trust it. Pure.

Raise `NOTES_VERSION` with every change to what a version notes; the table then needs a rebuild.
"""

from typing import Any, Final, Literal, get_args

from domain.events import Event
from domain.restores.events import HostRow, RestoreAmended
from projections.mapping.amendments import names

NOTES_VERSION: Final = 1

COLUMN: Final = "is_overwrite"

KnownBy = Literal["observed", "derived", "assumed", "recorded"]
"""The host's row says so; computed from what it says; assumed, because the host has no column for
it; recorded here, with the restore or as an amendment."""

KNOWN_BY: Final[tuple[KnownBy, ...]] = get_args(KnownBy)


def known_by(before: tuple[Any, ...] | None, event: Event, row: Any) -> tuple[KnownBy]:
    """The notes on a version: how `is_overwrite` is known after the event."""
    match event:
        case HostRow() if COLUMN not in names(row.amended):
            if COLUMN in event.assumed:
                return ("assumed",)
            return ("derived" if COLUMN in event.derived else "observed",)
        case RestoreAmended() if COLUMN in event.changes:
            return ("recorded",)
    return before[0:1] if before else ("recorded",)
