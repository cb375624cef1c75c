"""Recording restores: from the request to the end, and corrections afterwards.

Every function takes, besides what is named, what the aggregate's command takes (`Restore`), and
what may be said about any command (`domain.events.About`). With a `sequence`, a command that is in
the log already is not recorded again: the restore is returned as it was after it. With
`expected_versions`, `RestoreChanged` is raised if the restore is at another one.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from domain.events import About, Actor
from domain.restores.errors import (
    RestoreChanged,
    RestoreExists,
    RestoreNotFound,
    StartMissing,
)
from domain.restores.events import RestoreEvent
from domain.restores.restore import Restore
from domain.values import Columns
from infrastructure.event_store.log import Log
from infrastructure.recording.backups import load_backup
from infrastructure.recording.consolidation import load_consolidation
from infrastructure.recording.repetitions import decide_once, first_result, with_digest
from infrastructure.recording.streams import load_events, save, utc_now

OF_THE_END = (
    *("message", "cause", "exit_code", "signal", "errors", "warnings", "warnings_count", "output"),
)
"""What a restore that is recorded afterwards says of its end."""


def load_restore(log: Log, restore_id: UUID) -> Restore:
    """The restore, loaded from the log; `RestoreNotFound` if it is not there."""
    events = load_events(log, restore_id)
    if not events or not isinstance(events[0], RestoreEvent):
        raise RestoreNotFound(restore_id)
    return Restore.from_events(restore_id, events)


def request_restore(
    log: Log,
    /,
    *,
    name: str,
    actor: Actor,
    restore_id: UUID | None = None,
    backup_id: UUID | None = None,
    requested_by: str | None = None,
    **details: Any,
) -> Restore:
    """Record that a restore was requested. Without a `target_database`, it is the backup's.

    Raises `RestoreExists` if something with this id is in the log, and `BackupNotFound`.
    """
    given = with_digest("request", {"name": name, "backup_id": backup_id, **details})
    known = None if restore_id is None else _known(log, restore_id, given)
    if known is not None:
        return known
    restore = _requested(
        log, restore_id, actor=actor, requested_by=requested_by, now=utc_now(), **given
    )
    save(log, restore)
    return restore


def record_finished_restore(
    log: Log,
    /,
    *,
    name: str,
    actor: Actor,
    status: str,
    started_at: datetime | None = None,
    completed_at: datetime | None = None,
    **given: Any,
) -> Restore:
    """Record a restore that is over already, from its request to its end, in one append.

    `status` is `completed`, `partial`, `failed` or `cancelled`; `given` has what the commands take.
    Raises `StartMissing` if it ended without having started.
    """
    said = {"name": name, "status": status, "started_at": started_at, **given}
    numbered = with_digest("record", {**said, "completed_at": completed_at})
    restore_id = given.pop("restore_id", None)
    known = None if restore_id is None else _known(log, restore_id, numbered)
    if known is not None:
        return known
    about = {key: numbered[key] for key in About.__annotations__ if key in numbered}
    parts = {key: value for key, value in given.items() if key not in about}
    start = {key: parts.pop(key) for key in ("command", "host") if key in parts}
    end = {key: parts.pop(key) for key in OF_THE_END if key in parts}
    now = utc_now()
    requested_at = parts.pop("requested_at", None) or started_at or completed_at
    restore = _requested(
        log,
        restore_id,
        actor=actor,
        now=now,
        name=name,
        requested_at=requested_at,
        recorded_afterwards=True,
        **parts,
        **about,
    )
    if started_at is not None:
        restore.start(actor=actor, started_at=started_at, now=now, **start, **about)
    elif status in ("completed", "partial") or (
        status == "failed" and end.get("cause") != "not_started"
    ):
        raise StartMissing
    how = {"actor": actor, "now": now, **end, **about}
    match status:
        case "completed" | "partial":
            restore.complete(completed_at=completed_at, outcome=status, **how)
        case "failed":
            restore.fail(failed_at=completed_at, **how)
        case _:
            restore.cancel(cancelled_at=completed_at, **how)
    save(log, restore)
    return restore


def start_restore(log: Log, restore_id: UUID, *, actor: Actor, **given: Any) -> Restore:
    return _carry_out(log, restore_id, Restore.start, actor=actor, **given)


def progress_restore(log: Log, restore_id: UUID, *, actor: Actor, **given: Any) -> Restore:
    return _carry_out(log, restore_id, Restore.progress, actor=actor, **given)


def complete_restore(log: Log, restore_id: UUID, *, actor: Actor, **given: Any) -> Restore:
    return _carry_out(log, restore_id, Restore.complete, actor=actor, **given)


def fail_restore(log: Log, restore_id: UUID, *, actor: Actor, **given: Any) -> Restore:
    return _carry_out(log, restore_id, Restore.fail, actor=actor, **given)


def interrupt_restore(log: Log, restore_id: UUID, *, actor: Actor, **given: Any) -> Restore:
    return _carry_out(log, restore_id, Restore.interrupt, actor=actor, **given)


def cancel_restore(log: Log, restore_id: UUID, *, actor: Actor, **given: Any) -> Restore:
    return _carry_out(log, restore_id, Restore.cancel, actor=actor, **given)


def validate_restore(log: Log, restore_id: UUID, *, actor: Actor, **given: Any) -> Restore:
    return _carry_out(log, restore_id, Restore.validate, actor=actor, **given)


def amend_restore(
    log: Log,
    restore_id: UUID,
    changes: Columns,
    *,
    actor: Actor,
    reason: str,
    backup_id: UUID | None = None,
    **given: Any,
) -> Restore:
    """Correct columns of a restore's row. `backup_id` is the new source backup, if any."""

    def amend(restore: Restore, *, backup_id: UUID | None, changes: Columns, **how: Any) -> None:
        backup = None
        if backup_id is not None:
            backup = load_backup(log, backup_id).reference
            changes = {**changes, "source_backup_id": backup.consolidated}
        restore.amend(changes, backup=backup, **how)

    said = {"changes": changes, "reason": reason, "backup_id": backup_id, **given}
    return _carry_out(log, restore_id, amend, actor=actor, **said)


def _requested(
    log: Log, restore_id: UUID | None, *, backup_id: UUID | None = None, **given: Any
) -> Restore:
    """A new restore that is not saved yet."""
    if backup_id is not None:
        backup = load_backup(log, backup_id)
        given["backup"] = backup.reference
        if given.get("target_database") is None:
            given["target_database"] = backup.database_name
    return Restore.request(
        restore_id or uuid4(),
        id_offset=2 * load_consolidation(log).id_offset,
        **{name: value for name, value in given.items() if value is not None},
    )


def _carry_out(
    log: Log, restore_id: UUID, command: Callable[..., None], /, **given: Any
) -> Restore:
    restore = load_restore(log, restore_id)
    return decide_once(log, restore, "restore", RestoreChanged, command, **given)


def _known(log: Log, restore_id: UUID, given: dict[str, Any]) -> Restore | None:
    """The restore as it was after this same request; None if the log has nothing with its id."""
    events = load_events(log, restore_id)
    if not events:
        return None
    if isinstance(events[0], RestoreEvent):
        restore = Restore.from_events(restore_id, events)
        known = first_result(restore, given, f"restore {restore_id}")
        if known is not None:
            return known
    raise RestoreExists(restore_id)
