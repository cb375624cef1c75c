"""Recording backups, and referring to them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from domain.backups.backup import Backup
from domain.backups.errors import BackupChanged, BackupExists, BackupNotFound
from domain.backups.events import BackupEvent
from domain.events import Actor
from infrastructure.event_store.log import Log
from infrastructure.recording.consolidation import load_consolidation
from infrastructure.recording.repetitions import decide_once, first_result, with_digest
from infrastructure.recording.streams import load_events, save, utc_now


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


def expire_backup(log: Log, backup_id: UUID, *, actor: Actor, **given: Any) -> Backup:
    """Record that a backup can no longer be restored from. `given` as for `Backup.expire`."""
    return _carry_out(log, backup_id, Backup.expire, actor=actor, **given)


def verify_backup(log: Log, backup_id: UUID, *, actor: Actor, **given: Any) -> Backup:
    """Record the result of checking a backup. `given` as for `Backup.verify`."""
    return _carry_out(log, backup_id, Backup.verify, actor=actor, **given)


def _carry_out(log: Log, backup_id: UUID, command: Callable[..., None], /, **given: Any) -> Backup:
    backup = load_backup(log, backup_id)
    return decide_once(log, backup, "backup", BackupChanged, command, **given)
