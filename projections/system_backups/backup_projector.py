"""What the consolidated backup table shows of each event. Pure: no database, no other stream."""

from msgspec.structs import replace

from domain.backups.events import BackupRegistered, BackupVanishedFromHost, HostBackupRow
from domain.events import Event
from projections.mapping.host_values import extra, host_values
from projections.system_backups.mapping import BACKUPS, HOST_BACKUPS
from projections.system_backups.rows import BackupRow


def project(row: BackupRow | None, event: Event) -> BackupRow | None:
    """The row after the event; None as long as the backup has no row in this table."""
    match event:
        case HostBackupRow():
            values, unfit = host_values(event, BACKUPS)
            return BackupRow(
                id=event.consolidated_id,
                backup_id=event.originator_id,
                origin=event.origin,
                version=event.originator_version,
                extra=extra(event, HOST_BACKUPS),
                unfit=unfit,
                **values,
            )
        case BackupRegistered():
            return BackupRow(
                id=event.id_offset + event.position,
                name=event.name,
                backup_type=event.backup_type,
                status=event.status,
                database_name=event.database_name,
                file_path=event.file_path,
                size_bytes=event.size_bytes,
                created_at=event.registered_at,
                updated_at=event.registered_at,
                backup_id=event.originator_id,
                origin="recorded",
                version=event.originator_version,
                extra="{}",
            )
        case BackupVanishedFromHost() if row is not None:
            return replace(row, version=event.originator_version, present=False)
    return row
