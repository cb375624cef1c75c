"""When what an event says happened, by the world's clock."""

from collections.abc import Mapping
from datetime import datetime

from domain.administration import events as administration
from domain.backups import events as backups
from domain.events import Event
from domain.restores import events as restores

FIELDS: Mapping[type[Event], str] = {
    restores.RestoreRequested: "requested_at",
    restores.RestoreStarted: "started_at",
    restores.RestoreProgressed: "progressed_at",
    restores.RestoreCompleted: "completed_at",
    restores.RestoreFailed: "failed_at",
    restores.RestoreCancelled: "cancelled_at",
    restores.RestoreValidated: "validated_at",
    restores.RestoreAmended: "amended_at",
    backups.BackupRegistered: "registered_at",
    backups.BackupExpired: "expired_at",
    backups.BackupVerified: "verified_at",
    administration.LoginFailed: "last_at",
    administration.TrailRead: "last_at",
}
"""The field of each kind of event that has the time. What happened over a while has its end."""


def happened_at(event: Event) -> datetime | None:
    """The time that the event gives, UTC; None if it happened when it was recorded."""
    field = FIELDS.get(type(event))
    moment: datetime | None = None if field is None else getattr(event, field)
    return moment
