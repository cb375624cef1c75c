"""The projector of the consolidated restore table. Pure: it uses no database, no other stream."""

from typing import Any

from domain.restores.events import HostRow, RestoreRequested
from domain.restores.values import BackupRef
from projections.mapping.host_values import UsualSources
from projections.mapping.restore_projector import RestoreProjector
from projections.system_backups.mapping import HOST_RESTORES, RESTORES
from projections.system_backups.rows import RestoreRow


class ConsolidatedRestores(RestoreProjector):
    """Rows of both of the host's tables, and all restores that were recorded here."""

    row_type = RestoreRow
    has = frozenset(RestoreRow.__struct_fields__)
    columns = RESTORES
    amendable = {column.target: column for column in RESTORES}

    def row_id(self, event: HostRow) -> int | None:
        return event.consolidated_id

    def backup_id(self, backup: BackupRef | None) -> int | None:
        return backup.consolidated if backup else None

    def usual_sources(self, event: HostRow) -> UsualSources:
        return HOST_RESTORES[event.origin]

    def own_columns(self, event: RestoreRequested) -> dict[str, Any] | None:
        return {
            "restore_type": event.restore_type,
            "trigger_type": event.trigger_type,
            "is_overwrite": event.is_overwrite,
            "validation": None,
            "warnings_count": None,
        }


project = ConsolidatedRestores().project
