"""Finding a restore by what people call it: its UUID, or its row's id in either table."""

from uuid import UUID

from domain.events import Event
from domain.restores.errors import RestoreNotFound
from infrastructure.event_store.log import Log
from projections.database_management.models import RestoreLog as LegacyRestoreLog
from projections.engine.models import State, WithheldRow
from projections.system_backups.models import RestoreLog


def restore_id(text: str) -> UUID:
    """The restore's UUID; an id is looked up in the consolidated table before the legacy one.

    Raises `RestoreNotFound`.
    """
    if text.isdecimal() and text.isascii() and len(text) < 19:
        for model in (RestoreLog, LegacyRestoreLog):
            row = model.objects.filter(pk=int(text)).values_list("restore_id", flat=True).first()
            if row is not None:
                return row
        withheld = WithheldRow.objects.filter(
            row_id=int(text),
            generation__state=State.LIVE,
            generation__label__endswith=".RestoreLog",
        ).first()
        if withheld is not None:
            return withheld.stream_id
        raise RestoreNotFound(text)
    try:
        return UUID(text)
    except ValueError as error:
        raise RestoreNotFound(text) from error


def history(restore: UUID) -> list[Event]:
    """All the restore's events, oldest first; raises `RestoreNotFound` if there are none."""
    events = Log().stream(restore)
    if not events:
        raise RestoreNotFound(restore)
    return events
