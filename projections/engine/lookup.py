"""Finding a restore by what people call it: its UUID, or its row's id in either table."""

from uuid import UUID

from domain.events import Event
from domain.restores.errors import RestoreNotFound
from infrastructure.application import RestoreLog as Application
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
        found = _withheld(int(text), ".RestoreLog") or _legacy_row(int(text))
        if found is None:
            raise RestoreNotFound(text)
        return found
    try:
        return UUID(text)
    except ValueError as error:
        raise RestoreNotFound(text) from error


def _withheld(row: int, label: str) -> UUID | None:
    """The restore whose row is kept out of a table whose label ends so."""
    return (
        WithheldRow.objects.filter(
            row_id=row, generation__state=State.LIVE, generation__label__endswith=label
        )
        .values_list("stream_id", flat=True)
        .first()
    )


def _legacy_row(row: int) -> UUID | None:
    """Whose row has this id in the consolidated table, whenever the legacy rows stand there."""
    offset = Application().consolidation().id_offset
    if not offset < row < 2 * offset:
        return None
    legacy = LegacyRestoreLog.objects.filter(pk=row - offset)
    return legacy.values_list("restore_id", flat=True).first() or _withheld(
        row - offset, "database_management.RestoreLog"
    )


def history(restore: UUID) -> list[Event]:
    """All the restore's events, oldest first; raises `RestoreNotFound` if there are none."""
    events = Log().stream(restore)
    if not events:
        raise RestoreNotFound(restore)
    return events
