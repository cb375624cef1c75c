"""Finds a restore by its UUID, or by its row's id in either table."""

from typing import NamedTuple
from uuid import UUID

from domain.events import Event
from domain.restores.errors import RestoreNotFound
from infrastructure.event_store.log import Log
from infrastructure.recording.consolidation import load_consolidation
from projections.database_management.models import RestoreLog as LegacyRestoreLog
from projections.engine.models import GenerationState, WithheldRow
from projections.history.errors import AmbiguousRestore
from projections.system_backups.models import RestoreLog

RestoreTable = type[RestoreLog] | type[LegacyRestoreLog]


class Meant(NamedTuple):
    """A restore with an id, and the table in which its row has that id."""

    label: str
    restore: UUID


def meant(text: str) -> list[Meant]:
    """Every restore with this UUID or id, the consolidated table's before the legacy one's.

    Both tables use the same ids for different restores. Raises `RestoreNotFound`.
    """
    if not (text.isdecimal() and text.isascii() and len(text) < 19):
        try:
            return [Meant("", UUID(text))]
        except ValueError as error:
            raise RestoreNotFound(text) from error
    key = int(text)
    found = []
    for model in (RestoreLog, LegacyRestoreLog):
        restore = restore_in(model, key)
        if restore is None and model is RestoreLog:
            restore = _legacy_row(key)
        if restore is not None:
            found.append(Meant(model._meta.label, restore))
    if not found:
        raise RestoreNotFound(text)
    return found if len({one.restore for one in found}) > 1 else found[:1]


def restore_id(text: str) -> UUID:
    """The restore to show: if two have the id, the consolidated table's.

    Raises `RestoreNotFound`. To act on a restore, use `the_one`.
    """
    return meant(text)[0].restore


def the_one(text: str) -> UUID:
    """The restore to act on. Raises `RestoreNotFound`, or `AmbiguousRestore` if two have the id."""
    found = meant(text)
    if len(found) > 1:
        raise AmbiguousRestore(text, [(one.label, one.restore) for one in found])
    return found[0].restore


def others(text: str) -> list[Meant]:
    """The other restores with this id, besides the one that `restore_id` returns."""
    return meant(text)[1:]


def also(text: str) -> list[str]:
    """A sentence for each of `others`."""
    return [
        f"{text} is also the id of restore {one.restore} in {one.label}: ask for it by its UUID."
        for one in others(text)
    ]


def restore_in(table: RestoreTable, row_id: int) -> UUID | None:
    """The restore whose row has this id in a table, even if the row is withheld."""
    found = table.objects.filter(pk=row_id).values_list("restore_id", flat=True).first()
    if found is not None:
        return UUID(str(found))
    withheld = withheld_row(table, row_id)
    return None if withheld is None else UUID(str(withheld.stream_id))


def withheld_row(table: RestoreTable, key: int | UUID) -> WithheldRow | None:
    """The withheld row with this id, or of this restore."""
    which = {"stream_id": key} if isinstance(key, UUID) else {"row_id": key}
    return WithheldRow.objects.filter(
        generation__label=table._meta.label, generation__state=GenerationState.LIVE, **which
    ).first()


def _legacy_row(row: int) -> UUID | None:
    """The restore whose row has this id in the consolidated table if legacy rows are in it."""
    offset = load_consolidation(Log()).id_offset
    return restore_in(LegacyRestoreLog, row - offset) if offset < row < 2 * offset else None


def events_of(restore: UUID, longest: int | None = None) -> list[Event]:
    """All the restore's events, oldest first; raises `RestoreNotFound` if there are none.

    Their texts are cut to `longest` bytes, if that is given.
    """
    log = Log()
    events = log.stream(restore) if longest is None else [*log.brief_stream(restore, longest)]
    if not events:
        raise RestoreNotFound(restore)
    return events
