"""Restores whose watcher is gone: heartbeats, and what happens when none comes any more."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from domain.events import Actor
from domain.restores.restore import Restore
from domain.restores.rules import RestoreCommand, RestoreState
from infrastructure.event_store.log import Log, as_datetime
from infrastructure.recording.restores import interrupt_restore, load_restore
from infrastructure.running.heartbeats import beat, silent_since
from infrastructure.running.models import Heartbeat
from projections.services.record import recording_service


def heartbeat(restore_id: UUID, **said: Any) -> timedelta:
    """Note that a restore is being watched; returns after which silence it counts as interrupted.

    `said` are `percent`, `phase` and `output`. Raises `RestoreNotRunning` if the restore is not in
    progress, `RestoreBelongsToHost` and `RestoreNotFound`. After an interruption it is accepted and
    changes nothing: only the end that is reported does.
    """
    log = Log()
    refused = load_restore(log, restore_id).refusal(RestoreCommand.HEARTBEAT)
    if refused is not None:
        raise refused
    beat(log, restore_id, said)
    return timedelta(seconds=settings.HEARTBEAT_SILENCE)


def silent_restores(log: Log) -> list[UUID]:
    """The restores that `mark_interrupted` would mark now."""
    found = [silent.restore_id for silent in silent_since(log, _limit(log))]
    return [one for one in found if load_restore(log, one).state is RestoreState.IN_PROGRESS]


def mark_interrupted(*, actor: Actor) -> list[Restore]:
    """Record as failed, cause `interrupted`, the restores in progress that have become silent.

    Only a restore that has sent a heartbeat can become silent. Returns those that were marked.
    """
    log = Log()
    limit = _limit(log)
    marked = []
    for silent in silent_since(log, limit):
        restore = _interrupt(silent.restore_id, limit, actor=actor).what
        if restore is not None:
            marked.append(restore)
    return marked


def _limit(log: Log) -> datetime:
    """Who has sent no heartbeat since then is silent."""
    return as_datetime(log.clock()) - timedelta(seconds=settings.HEARTBEAT_SILENCE)


@recording_service
def _interrupt(log: Log, restore_id: UUID, limit: datetime, *, actor: Actor) -> Restore | None:
    """Record the interruption, unless a heartbeat or an end came after all."""
    rows = Heartbeat.objects.using(log.using).filter(pk=restore_id, last_at__lt=limit)
    silent = rows.select_for_update().first()
    if silent is None:
        return None
    restore = load_restore(log, restore_id)
    if restore.state is not RestoreState.IN_PROGRESS:
        silent.delete()
        return None
    return interrupt_restore(
        log,
        restore_id,
        actor=actor,
        last_seen=silent.last_at,
        message=f"No heartbeat since {silent.last_at:%Y-%m-%dT%H:%M:%SZ}.",
        output=silent.output,
    )
