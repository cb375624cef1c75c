"""Registering backups, and referring to them."""

from typing import Any
from uuid import UUID, uuid4

from domain.backups.backup import Backup
from domain.backups.events import BackupEvent
from domain.errors import DomainError
from domain.events import Actor
from infrastructure.event_store.log import Log
from infrastructure.recording.consolidation import load_consolidation
from infrastructure.recording.repetitions import first_result, with_digest
from infrastructure.recording.streams import load_events, save, utc_now


class BackupNotFound(DomainError):
    code = "backup_not_found"

    def __init__(self, backup_id: object) -> None:
        super().__init__(f"There is no backup {backup_id} in the log.")


class BackupExists(DomainError):
    code = "backup_exists"

    def __init__(self, backup_id: UUID) -> None:
        super().__init__(
            f"The log already has something with the id {backup_id}. A new backup needs a new id; "
            "leave it out, and the service chooses one."
        )


def register_backup(
    log: Log, /, *, name: str, actor: Actor, backup_id: UUID | None = None, **details: Any
) -> Backup:
    """Record that a backup exists. `details` as for `Backup.register`.

    With a `sequence` that this backup has in the log already, it is returned as it was then.
    Raises `BackupExists` if something with this id is in the log.
    """
    given = with_digest("register", {"name": name, **details})
    events = [] if backup_id is None else load_events(log, backup_id)
    if events:
        assert backup_id is not None
        if isinstance(events[0], BackupEvent):
            backup = Backup.from_events(backup_id, events)
            known = first_result(backup, given, f"backup {backup_id}")
            if known is not None:
                return known
        raise BackupExists(backup_id)
    backup = Backup.register(
        backup_id or uuid4(),
        actor=actor,
        id_offset=2 * load_consolidation(log).id_offset,
        now=utc_now(),
        **given,
    )
    save(log, backup)
    return backup


def load_backup(log: Log, backup_id: UUID) -> Backup:
    """The backup, loaded from the log; `BackupNotFound` if it is not there."""
    events = load_events(log, backup_id)
    if not events or not isinstance(events[0], BackupEvent):
        raise BackupNotFound(backup_id)
    return Backup.from_events(backup_id, events)
