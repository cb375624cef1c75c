"""Moving rows, and taking them back: all of them, or those with some ids."""

from __future__ import annotations

from projections.host_migration.template.constants import FIRST
from projections.host_migration.template.counters import IdCounters
from projections.host_migration.template.database import HostDatabase
from projections.host_migration.template.refusals import (
    changed_rows,
    refuse_changes,
    refuse_conflicts,
    refuse_other_counts,
    refuse_references,
    refuse_unlike_copies,
)

# --- The text from here on is the same in every migration. ---

EVERY = (-(2**63) + 1, 2**63 - 1)
"""All ids there may be."""


def fill_targets(host: HostDatabase, ids: tuple[int, int] | None = None) -> None:
    """Write a derived target database to rows of the host's own that have none."""
    if host.named("fill", ids):
        host.named("write_filled", ids)


def move_new(
    host: HostDatabase, kind: str, ids: tuple[int, int] | None = None, which: str = ""
) -> int:
    """Move the rows that were not moved yet, and compare each with its source. How many they are.

    With `which`, the ids are those of restores, whose backups are moved.
    """
    new = int(host.found(f"{kind}.not_moved{which}", ids)[0][0])
    if new:
        counters = IdCounters(host)
        counters.take(kind, new)
        inserted = host.named(f"{kind}.insert{which}", ids)
        recorded = host.named(f"{kind}.record{which}", ids)
        counters.taken(kind)
        # A copy that is not like its source in every column was recorded without a digest.
        refuse_unlike_copies(host, kind, 0, EVERY if which else ids)
        refuse_other_counts(kind, new, inserted=inserted, recorded=recorded)
    return new


def carry_over(host: HostDatabase, kind: str, ids: tuple[int, int] | None = None) -> None:
    """Write the changes of legacy rows to copies that nobody has changed."""
    refuse_conflicts(host, kind, ids)
    if not FIRST:
        host.named(f"{kind}.save_copies", ids)
    changed = host.named(f"{kind}.note_carried", ids)
    if changed:
        host.named(f"{kind}.carry_over", ids)
        refuse_unlike_copies(host, kind, changed, ids)
        host.named(f"{kind}.note_copies", ids)


def take_back(host: HostDatabase, kind: str, ids: tuple[int, int] | None = None) -> None:
    """Undo `carry_over`, and remove moved rows. A row that was changed since stops it."""
    if ids is not None:
        refuse_changes(changed_rows(host, kind, ids))
    if not FIRST:
        for name in ("put_back", "note_put_back", "forget_before"):
            host.named(f"{kind}.{name}", ids)
    refuse_references(host, kind, ids)
    host.named(f"{kind}.remove", ids)
    host.named(f"{kind}.forget", ids)
