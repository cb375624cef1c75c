"""What the legacy restore table shows of each event. Pure: no database, no other stream."""

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
from domain.values import Value, chosen_value
from projections.database_management.mapping import HOST_RESTORES, RESTORES
from projections.database_management.rows import RestoreRow
from projections.mapping import amendments, lifecycle
from projections.mapping.conversions import to_text
from projections.mapping.host_values import (
    ColumnMapping,
    backup_misfit,
    convert,
    extra,
    host_values,
)

AMENDABLE: dict[str, ColumnMapping] = {
    "trigger_type" if column.target == "restore_method" else column.target: column
    for column in RESTORES
}
"""By the names that amendments use, which are the consolidated table's."""


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
            changed["status"] = known(changed["status"])
            unfit = lifecycle.still_unfit(row.unfit, changed)
            return replace(row, **changed, version=event.originator_version, unfit=unfit)
        case RestoreAmended():
            return amended(row, event)
        case RestoreVanishedFromHost():
            return replace(row, version=event.originator_version, present=False)
    return row


def imported(before: RestoreRow | None, event: HostRow) -> RestoreRow | None:
    """A host's legacy row, with what was amended here kept."""
    if event.legacy_id is None:
        return None
    values, unfit = host_values(event, RESTORES)
    backup = event.backup
    values["source_backup_id"] = backup.legacy if backup else None
    values["backup_id"] = backup.backup_id if backup else None
    backup_misfit(event, unfit)
    if "target_database" in event.derived and _target(event) == "":
        # This table shows what the host has; the consolidated one takes it for not specified.
        values["target_database"] = convert("target_database", to_text, "", unfit)
    kept = "[]"
    if before is not None and before.amended != "[]":
        kept = before.amended
        amendments.keep_amended(kept, before, values, unfit, before.unfit)
    return RestoreRow(
        id=event.legacy_id,
        restore_id=event.originator_id,
        created_by_username=event.username,
        origin=event.origin,
        version=event.originator_version,
        amended=kept,
        extra=extra(event, HOST_RESTORES),
        unfit=unfit,
        **values,
    )


def _target(event: HostRow) -> Value:
    return chosen_value(event.columns, event.sources, "target_database", "target_database")


def requested(event: RestoreRequested) -> RestoreRow | None:
    """A restore recorded here: pending until it is started. The table knows databases only."""
    if event.restore_type != "database":
        return None
    backup = event.backup
    return RestoreRow(
        id=event.id_offset + event.position,
        name=event.name,
        source_backup_id=backup.legacy if backup else None,
        status="pending",
        restore_method=event.trigger_type,
        target_database=event.target_database,
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
    changed = amendments.apply(event, AMENDABLE, backup.legacy if backup else None, unfit)
    if "status" in changed:
        changed["status"] = known(changed["status"])
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


def known(status: str | None) -> str | None:
    """What the legacy table calls this status: it knows no partial outcome."""
    return "completed" if status == "partial" else status
