"""Recording restores: from the request to the end, and corrections afterwards."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from domain.events import Actor
from domain.restores.errors import RestoreNotFound
from domain.restores.restore import Restore
from domain.restores.values import Outcome
from domain.values import Columns
from infrastructure.event_store.log import Log
from infrastructure.recording.backups import backup_ref
from infrastructure.recording.consolidation import load_consolidation
from infrastructure.recording.streams import load_events, save, utc_now


def load_restore(log: Log, restore_id: UUID) -> Restore:
    """The restore, loaded from the log; `RestoreNotFound` if it is not there."""
    events = load_events(log, restore_id)
    if not events:
        raise RestoreNotFound(restore_id)
    return Restore.from_events(restore_id, events)


def request_restore(
    log: Log,
    /,
    *,
    name: str,
    actor: Actor,
    restore_id: UUID | None = None,
    requested_at: datetime | None = None,
    backup_id: UUID | None = None,
    **details: Any,
) -> Restore:
    """Record that a restore was requested. `details` as for `Restore.request`."""
    restore = Restore.request(
        restore_id or uuid4(),
        name=name,
        actor=actor,
        requested_at=requested_at or utc_now(),
        backup=None if backup_id is None else backup_ref(log, backup_id),
        id_offset=2 * load_consolidation(log).id_offset,
        **details,
    )
    return _saved(log, restore)


def start_restore(
    log: Log, restore_id: UUID, *, actor: Actor, started_at: datetime | None = None
) -> Restore:
    restore = load_restore(log, restore_id)
    restore.start(started_at=started_at or utc_now(), actor=actor)
    return _saved(log, restore)


def complete_restore(
    log: Log,
    restore_id: UUID,
    *,
    actor: Actor,
    message: str = "",
    outcome: Outcome = "completed",
    completed_at: datetime | None = None,
) -> Restore:
    restore = load_restore(log, restore_id)
    restore.complete(
        completed_at=completed_at or utc_now(), message=message, outcome=outcome, actor=actor
    )
    return _saved(log, restore)


def fail_restore(
    log: Log,
    restore_id: UUID,
    *,
    actor: Actor,
    message: str = "",
    failed_at: datetime | None = None,
) -> Restore:
    restore = load_restore(log, restore_id)
    restore.fail(failed_at=failed_at or utc_now(), message=message, actor=actor)
    return _saved(log, restore)


def cancel_restore(
    log: Log,
    restore_id: UUID,
    *,
    actor: Actor,
    message: str = "",
    cancelled_at: datetime | None = None,
) -> Restore:
    restore = load_restore(log, restore_id)
    restore.cancel(cancelled_at=cancelled_at or utc_now(), message=message, actor=actor)
    return _saved(log, restore)


def amend_restore(
    log: Log,
    restore_id: UUID,
    changes: Columns,
    *,
    actor: Actor,
    reason: str,
    backup_id: UUID | None = None,
    amended_at: datetime | None = None,
) -> Restore:
    """Correct columns of a restore's row. `backup_id` is the new source backup, if any."""
    restore = load_restore(log, restore_id)
    backup = None
    if backup_id is not None:
        backup = backup_ref(log, backup_id)
        changes = {**changes, "source_backup_id": backup.consolidated}
    restore.amend(
        changes, amended_at=amended_at or utc_now(), actor=actor, reason=reason, backup=backup
    )
    return _saved(log, restore)


def _saved(log: Log, restore: Restore) -> Restore:
    save(log, restore)
    return restore
