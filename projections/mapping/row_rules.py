"""Rules for columns that take more than one value of a host's row, or none of its own.

They take the event. The projectors do the same by hand, since these columns are set for every
row there is and a call costs time; a test holds that both come to the same.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from domain.backups.events import HostBackupRow
from domain.restores.events import HostRow
from projections.mapping import host_values


class RowRule:
    """What a column shows of the event of a host's row."""

    def __init__(self, rule: Callable[..., Any]) -> None:
        self.rule = rule
        self.__doc__ = rule.__doc__

    def __call__(self, *args: Any) -> Any:
        return self.rule(*args)


@RowRule
def own_id(event: HostRow | HostBackupRow) -> int | None:
    """As it is."""
    return event.legacy_id if event.origin == "legacy" else event.consolidated_id


@RowRule
def moved_id(event: HostRow | HostBackupRow) -> int:
    """The offset + id, since both of the host's tables use the same ids."""
    return event.consolidated_id


@RowRule
def own_backup(event: HostRow) -> int | None:
    """As it is."""
    if event.backup is None:
        return None
    return event.backup.legacy if event.origin == "legacy" else event.backup.consolidated


@RowRule
def moved_backup(event: HostRow) -> int | None:
    """The offset + id, since both of the host's backup tables use the same ids."""
    return event.backup.consolidated if event.backup else None


@RowRule
def own_uuid(event: HostRow | HostBackupRow) -> UUID:
    """The row's UUID, made of host, table and id."""
    return event.originator_id


@RowRule
def backups_uuid(event: HostRow) -> UUID | None:
    """The backup's UUID, made of host, table and id."""
    return event.backup.backup_id if event.backup else None


@RowRule
def users_name(event: HostRow) -> str | None:
    """That user's name when the row was read."""
    return event.username


@RowRule
def which_table(event: HostRow | HostBackupRow) -> str:
    """Which table of the host the row is of, or `recorded` for those recorded here."""
    return event.origin


@RowRule
def events_so_far(event: HostRow | HostBackupRow) -> int:
    """How many events the row has had."""
    return event.originator_version


@RowRule
def amended_here(event: HostRow) -> str:
    """The columns amended here, a JSON list; these win over the host."""
    return "[]"


@RowRule
def the_rest(event: HostRow | HostBackupRow, usual: host_values.UsualSources) -> str:
    """What the host has beyond the columns named here, verbatim, JSON."""
    return host_values.extra(event, usual)
