"""What the consolidated restore table shows of each event. Pure: no database, no other stream."""

from msgspec.structs import replace

from domain.events import Event
from domain.restores.events import (
    HostRow,
    RestoreAmended,
    RestoreCancelled,
    RestoreCompleted,
    RestoreFailed,
    RestoreRequested,
    RestoreStarted,
    RestoreVanishedFromHost,
)
from projections.mapping import amendments, lifecycle
from projections.mapping.host_values import ColumnMapping, backup_misfit, extra, host_values
from projections.system_backups.mapping import HOST_RESTORES, RESTORES
from projections.system_backups.rows import RestoreRow

AMENDABLE: dict[str, ColumnMapping] = {column.target: column for column in RESTORES}


def project(row: RestoreRow | None, event: Event) -> RestoreRow | None:
    """The row after the event; None as long as the restore has no row in this table."""
    match event:
        case HostRow():
            return imported(row, event)
        case RestoreRequested():
            return requested(event)
    if row is None:
        return None
    match event:
        case RestoreStarted() | RestoreCompleted() | RestoreFailed() | RestoreCancelled():
            changed = lifecycle.life_changes(event, row.started_at)
            unfit = lifecycle.still_unfit(row.unfit, changed)
            return replace(row, **changed, version=event.originator_version, unfit=unfit)
        case RestoreAmended():
            return amended(row, event)
        case RestoreVanishedFromHost():
            return replace(row, version=event.originator_version, present=False)
    return row


def imported(before: RestoreRow | None, event: HostRow) -> RestoreRow:
    """A host's row, with what was amended here kept."""
    values, unfit = host_values(event, RESTORES)
    backup = event.backup
    values["source_backup_id"] = backup.consolidated if backup else None
    values["backup_id"] = backup.backup_id if backup else None
    backup_misfit(event, unfit)
    kept = "[]"
    if before is not None and before.amended != "[]":
        kept = before.amended
        amendments.keep_amended(kept, before, values, unfit, before.unfit)
    return RestoreRow(
        id=event.consolidated_id,
        restore_id=event.originator_id,
        created_by_username=event.username,
        origin=event.origin,
        version=event.originator_version,
        amended=kept,
        extra=extra(event, HOST_RESTORES[event.origin]),
        unfit=unfit,
        **values,
    )


def requested(event: RestoreRequested) -> RestoreRow:
    """A restore recorded here: pending until it is started."""
    backup = event.backup
    return RestoreRow(
        id=event.id_offset + event.position,
        name=event.name,
        source_backup_id=backup.consolidated if backup else None,
        status="pending",
        restore_type=event.restore_type,
        trigger_type=event.trigger_type,
        target_database=event.target_database,
        is_overwrite=event.is_overwrite,
        started_at=None,
        completed_at=None,
        duration_seconds=None,
        message=event.message,
        created_by_id=event.requested_by,
        created_at=event.requested_at,
        updated_at=event.requested_at,
        restore_id=event.originator_id,
        backup_id=backup.backup_id if backup else None,
        created_by_username=event.requested_by_username,
        origin="recorded",
        version=event.originator_version,
        amended="[]",
        extra="{}",
    )


def amended(row: RestoreRow, event: RestoreAmended) -> RestoreRow:
    """The row with the named columns corrected; the host's own `updated_at` stays."""
    unfit = dict(row.unfit)
    backup = event.backup
    changed = amendments.apply(event, AMENDABLE, backup.consolidated if backup else None, unfit)
    columns = {*amendments.names(row.amended), *changed}
    if "source_backup_id" in changed:
        changed["backup_id"] = backup.backup_id if backup else None
    if row.origin == "recorded":
        changed["updated_at"] = event.amended_at
    return replace(
        row,
        **changed,
        amended=amendments.listed(columns),
        version=event.originator_version,
        unfit=unfit,
    )
