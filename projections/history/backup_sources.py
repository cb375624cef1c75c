"""What a restore needs to know of the backup that it is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.backups.events import BackupRegistered
from domain.consolidation.values import Scope
from infrastructure.event_store.log import Log
from infrastructure.recording.backups import load_backup
from projections.engine.fold import fold_each
from projections.engine.registry import row_projection
from projections.history.lookup import the_one_backup
from projections.system_backups.models import BackupLog


@dataclass(frozen=True)
class BackupSource:
    """Where a backup is, and what its file can be checked against.

    Empty or None is what nobody said. `size_bytes` is the size of the file, or of all files of a
    directory. `contents` are names, such as tables, with their numbers of rows, or None.
    """

    backup_id: UUID
    name: str
    status: str
    backup_type: str
    database_name: str
    file_path: str
    size_bytes: int | None
    checksum: str
    format: str
    contents: Mapping[str, int | None]


def backup_source(text: str) -> BackupSource:
    """The backup with this UUID, or with this id in either table, as the log has it now.

    Of a host's backup the columns alone are known: what else its rows say has a meaning that is
    the host's. Raises `BackupNotFound`, and `AmbiguousBackup` if two backups have the id.
    """
    backup = load_backup(Log(), the_one_backup(text))
    *_, (_, _, row) = fold_each(row_projection(BackupLog._meta.label), Scope.ALL, backup.events)
    assert row is not None, "every backup has a row in the consolidated table"
    first = backup.events[0]
    here = first if isinstance(first, BackupRegistered) else None
    return BackupSource(
        backup_id=backup.id,
        name=row.name or "",
        status=row.status or "",
        backup_type=row.backup_type or "",
        database_name=row.database_name or "",
        file_path=row.file_path or "",
        size_bytes=row.size_bytes,
        checksum=here.checksum if here else "",
        format=here.format if here else "",
        contents=here.contents if here else {},
    )
