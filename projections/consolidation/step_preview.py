"""How many rows the consolidated tables would hold after a step, without taking it."""

from typing import NamedTuple

from domain.consolidation.values import Scope
from infrastructure.event_store.log import Log
from infrastructure.recording.consolidation import load_consolidation
from projections.database_management import models as legacy_tables
from projections.engine.models import Generation, GenerationState
from projections.system_backups import models as consolidated_tables

TABLES = (
    (consolidated_tables.RestoreLog, legacy_tables.RestoreLog),
    (consolidated_tables.BackupLog, legacy_tables.BackupLog),
)
"""Each consolidated table, and the legacy table whose imported rows a cut-over adds to it."""


class TablePreview(NamedTuple):
    """A consolidated table: its rows now, the imported legacy rows, and its rows after a step."""

    label: str
    now: int
    legacy: int
    after: int


def rows_after(scope: Scope) -> list[TablePreview]:
    """The tables if they held the rows of this scope, as of the last import.

    Reads counts that are kept, and counts only the rows recorded here. A row that the consolidated
    table cannot hold is counted too.
    """
    live = {one.label: one for one in Generation.objects.filter(state=GenerationState.LIVE)}
    first_of_ours = 2 * load_consolidation(Log()).id_offset
    found = []
    for consolidated, legacy in TABLES:
        ours, theirs = live.get(consolidated._meta.label), live.get(legacy._meta.label)
        if ours is None or theirs is None:
            continue
        recorded_here = legacy.objects.filter(pk__gt=first_of_ours).count()
        imported = theirs.rows - (recorded_here if first_of_ours else theirs.rows)
        own = ours.rows - (imported if ours.scope == Scope.ALL else 0)
        after = own + (imported if scope is Scope.ALL else 0)
        found.append(TablePreview(consolidated._meta.label, ours.rows, imported, after))
    return found
