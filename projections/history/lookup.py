"""Finds a restore or a backup by its UUID, or by its row's id in either table."""

from typing import Any, NamedTuple
from uuid import UUID

from domain.backups.errors import BackupNotFound
from domain.backups.events import BackupEvent
from domain.events import Event
from domain.restores.errors import RestoreNotFound
from domain.restores.events import RestoreEvent
from infrastructure.event_store.log import Log
from infrastructure.hosts.importing.moved_index import original_of
from infrastructure.hosts.moved_rows import BACKUP, RESTORE
from infrastructure.recording.consolidation import load_consolidation
from projections.database_management.models import BackupLog as LegacyBackupLog
from projections.database_management.models import RestoreLog as LegacyRestoreLog
from projections.engine.models import GenerationState, WithheldRow
from projections.history.errors import AmbiguousBackup, AmbiguousRestore
from projections.system_backups.models import BackupLog, RestoreLog

RestoreTable = type[RestoreLog] | type[LegacyRestoreLog]


class TablePair(NamedTuple):
    """The two tables of one kind of thing. `uuid` is their column with its UUID."""

    kind: str
    consolidated: Any
    legacy: Any
    uuid: str


RESTORES = TablePair(RESTORE, RestoreLog, LegacyRestoreLog, "restore_id")
BACKUPS = TablePair(BACKUP, BackupLog, LegacyBackupLog, "backup_id")


class Meant(NamedTuple):
    """A restore with an id, and the table in which its row has that id."""

    label: str
    restore: UUID


def meant(text: str) -> list[Meant]:
    """Every restore with this UUID or id, the consolidated table's before the legacy one's.

    Both tables use the same ids for different restores. Raises `RestoreNotFound`.
    """
    found = [Meant(label, one) for label, one in _found(RESTORES, text)]
    if not found:
        raise RestoreNotFound(text)
    return found


def restore_id(text: str) -> UUID:
    """The restore to show: if two have the id, the consolidated table's.

    Raises `RestoreNotFound`. To act on a restore, use `the_one`.
    """
    return meant(text)[0].restore


def the_one(text: str) -> UUID:
    """The restore to act on. Raises `RestoreNotFound`, or `AmbiguousRestore` if two have the id."""
    found = meant(text)
    if len(found) > 1:
        raise AmbiguousRestore(text, [(one.label, one.restore) for one in found])
    return found[0].restore


class MeantBackup(NamedTuple):
    """A backup with an id, and the table in which its row has that id."""

    label: str
    backup: UUID


def backups_meant(text: str) -> list[MeantBackup]:
    """Every backup with this UUID or id. The first, the consolidated table's, is the one to show.

    Raises `BackupNotFound`. To act on a backup, use `the_one_backup`.
    """
    found = [MeantBackup(label, one) for label, one in _found(BACKUPS, text)]
    if not found:
        raise BackupNotFound(text)
    return found


def the_one_backup(text: str) -> UUID:
    """The backup with this UUID or id. That a UUID is in the log is not looked up.

    Raises `BackupNotFound`, or `AmbiguousBackup` if two have the id.
    """
    found = _found(BACKUPS, text)
    if not found:
        raise BackupNotFound(text)
    if len(found) > 1:
        raise AmbiguousBackup(text, found)
    return found[0][1]


def others(text: str) -> list[Meant]:
    """The other restores with this id, besides the one that `restore_id` returns."""
    return meant(text)[1:]


def also(text: str) -> list[str]:
    """A sentence for each of `others`."""
    return [
        f"{text} is also the id of restore {one.restore} in {one.label}: ask for it by its UUID."
        for one in others(text)
    ]


def absences(restore: UUID) -> list[str]:
    """A sentence for each table that this restore's row is kept out of, with the reason.

    The reason may hold any text of the host.
    """
    withheld = WithheldRow.objects.filter(
        stream_id=restore, generation__state=GenerationState.LIVE
    ).select_related("generation")
    return [
        f"Not in {one.generation.label}: {one.cause}"
        + (f", {one.column}: {one.reason}" if one.column else "")
        for one in withheld
    ]


def restore_in(table: RestoreTable, row_id: int) -> UUID | None:
    """The restore whose row has this id in a table, even if the row is withheld."""
    return _in_table(table, RESTORES.uuid, row_id)


def withheld_row(table: Any, key: int | UUID) -> WithheldRow | None:
    """The withheld row with this id, or of this restore or backup."""
    which = {"stream_id": key} if isinstance(key, UUID) else {"row_id": key}
    return WithheldRow.objects.filter(
        generation__label=table._meta.label, generation__state=GenerationState.LIVE, **which
    ).first()


def _found(tables: TablePair, text: str) -> list[tuple[str, UUID]]:
    """What this UUID or id means, and in which table; the consolidated table's first."""
    if not (text.isdecimal() and text.isascii() and len(text) < 19):
        try:
            return [("", UUID(text))]
        except ValueError:
            return []
    key = int(text)
    found: list[tuple[str, UUID]] = []
    for table in (tables.consolidated, tables.legacy):
        one = _in_table(table, tables.uuid, key)
        if one is None and table is tables.consolidated:
            one = _legacy_row(tables, key) or _copied_row(tables, key)
        if one is not None:
            found.append((table._meta.label, one))
    return found if len({one for _, one in found}) > 1 else found[:1]


def _in_table(table: Any, uuid: str, row_id: int) -> UUID | None:
    found = table.objects.filter(pk=row_id).values_list(uuid, flat=True).first()
    if found is not None:
        return UUID(str(found))
    withheld = withheld_row(table, row_id)
    return None if withheld is None else UUID(str(withheld.stream_id))


def _legacy_row(tables: TablePair, row: int) -> UUID | None:
    """What has this id in the consolidated table if legacy rows are in it."""
    offset = load_consolidation(Log()).id_offset
    if not offset < row < 2 * offset:
        return None
    return _in_table(tables.legacy, tables.uuid, row - offset)


def copied_restore(row: int) -> UUID | None:
    """The restore of which this row of the host's consolidated table is the copy, if it is one."""
    return _copied_row(RESTORES, row)


def copied_backup(row: int) -> UUID | None:
    """The backup, likewise."""
    return _copied_row(BACKUPS, row)


def _copied_row(tables: TablePair, row: int) -> UUID | None:
    legacy = original_of(tables.kind, row)
    return None if legacy is None else _in_table(tables.legacy, tables.uuid, legacy)


def events_of(restore: UUID, longest: int | None = None) -> list[Event]:
    """All the restore's events, oldest first; their texts are cut to `longest` bytes, if given.

    Raises `RestoreNotFound` if there are none, or if they are of something else.
    """
    log = Log()
    events = log.stream(restore) if longest is None else [*log.brief_stream(restore, longest)]
    if not events or not isinstance(events[0], RestoreEvent):
        raise RestoreNotFound(restore)
    return events


def backup_events(backup: UUID, longest: int) -> list[Event]:
    """All the backup's events, oldest first, with their texts cut to `longest` bytes.

    Raises `BackupNotFound` if there are none, or if they are not a backup's.
    """
    events = list(Log().brief_stream(backup, longest))
    if not events or not isinstance(events[0], BackupEvent):
        raise BackupNotFound(backup)
    return events
