"""Heartbeats: written by whoever watches a restore, and missed when that is gone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections

from infrastructure.event_store.acceptances import acceptances
from infrastructure.event_store.log import Log, as_datetime
from infrastructure.running.models import Heartbeat, ServiceStart

STARTED = "SELECT pg_postmaster_start_time()"


def beat(log: Log, restore_id: UUID, said: dict[str, Any]) -> None:
    """Note that a restore is being watched, and what was `said`: percent, phase, output."""
    now = as_datetime(log.clock())
    row = {"first_at": now, "last_at": now, "percent": None, "phase": "", "output": "", **said}
    Heartbeat.objects.using(log.using).bulk_create(
        [Heartbeat(restore_id=restore_id, **row)],
        update_conflicts=True,
        unique_fields=["restore_id"],
        update_fields=["last_at", *said],
    )


def silent_since(log: Log, limit: datetime) -> list[Heartbeat]:
    """The heartbeats that came last before this time; empty if none could have come until then.

    None could have come while no server ran. So a silence begins anew when a server of the service
    or of its database has started, and when somebody accepted a log that had lost events, such as
    one that was restored from a backup.
    """
    silent = list(Heartbeat.objects.using(log.using).filter(last_at__lt=limit).order_by("last_at"))
    if silent and max(_beginnings(log), default=limit) > limit:
        return []
    return silent


def note_start(log: Log) -> None:
    """Note that a server of the service has started."""
    ServiceStart.objects.using(log.using).bulk_create(
        [ServiceStart(number=1, started_at=as_datetime(log.clock()))],
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=["started_at"],
    )


def _beginnings(log: Log) -> Iterable[datetime]:
    """When the service, or what it needs, last began to answer."""
    yield from ServiceStart.objects.using(log.using).values_list("started_at", flat=True)
    for loss in acceptances(log).losses:
        if loss.recorded_at is not None:
            yield loss.recorded_at
    connection = connections[log.using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(STARTED)
            yield cursor.fetchone()[0]
