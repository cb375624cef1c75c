"""Registering backups, and referring to them."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from domain.backups.backup import Backup
from domain.errors import DomainError
from domain.events import Actor
from domain.restores.values import BackupRef
from infrastructure.event_store.log import Log
from infrastructure.recording.consolidation import load_consolidation
from infrastructure.recording.streams import load_events, save, utc_now


class BackupNotFound(DomainError):
    code = "backup_not_found"

    def __init__(self, backup_id: object) -> None:
        super().__init__(f"There is no backup {backup_id} in the log.")


def register_backup(
    log: Log,
    /,
    *,
    name: str,
    actor: Actor,
    backup_id: UUID | None = None,
    registered_at: datetime | None = None,
    **details: Any,
) -> Backup:
    """Record that a backup exists. `details` as for `Backup.register`."""
    backup = Backup.register(
        backup_id or uuid4(),
        name=name,
        actor=actor,
        registered_at=registered_at or utc_now(),
        id_offset=2 * load_consolidation(log).id_offset,
        **details,
    )
    save(log, backup)
    return backup


def backup_ref(log: Log, backup_id: UUID) -> BackupRef:
    """The reference to this backup for events; `BackupNotFound` if it is not in the log."""
    events = load_events(log, backup_id)
    if not events:
        raise BackupNotFound(backup_id)
    backup = Backup.from_events(backup_id, events)
    return BackupRef(
        backup_id=backup_id, legacy=backup.legacy_id, consolidated=backup.consolidated_id
    )
