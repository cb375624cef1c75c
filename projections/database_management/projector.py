"""The projector of the legacy restore table. Pure: it uses no database and no other stream."""

from typing import Any

from domain.restores.events import HostRow, RestoreRequested
from domain.restores.values import BackupRef
from domain.values import chosen_value
from projections.database_management.mapping import HOST_RESTORES, RESTORES
from projections.database_management.rows import RestoreRow
from projections.mapping.conversions import to_text
from projections.mapping.host_values import Unfit, UsualSources, convert
from projections.mapping.restore_projector import RestoreProjector


class LegacyRestores(RestoreProjector):
    """Rows of the host's legacy table, and restores of databases that were recorded here."""

    row_type = RestoreRow
    has = frozenset(RestoreRow.__struct_fields__)
    columns = RESTORES
    amendable = {
        "trigger_type" if column.target == "restore_method" else column.target: column
        for column in RESTORES
    }

    def row_id(self, event: HostRow) -> int | None:
        return event.legacy_id

    def backup_id(self, backup: BackupRef | None) -> int | None:
        return backup.legacy if backup else None

    def usual_sources(self, event: HostRow) -> UsualSources:
        return HOST_RESTORES

    def own_columns(self, event: RestoreRequested) -> dict[str, Any] | None:
        if event.restore_type != "database":
            return None
        return {"restore_method": event.trigger_type}

    def status(self, status: str | None) -> str | None:
        """The legacy table has no partial outcome."""
        return "completed" if status == "partial" else status

    def host_values(self, event: HostRow) -> tuple[dict[str, Any], Unfit]:
        """An empty target database is shown as empty; the other table shows the derived one."""
        values, unfit = super().host_values(event)
        target = "target_database"
        if (
            target in event.derived
            and chosen_value(event.columns, event.sources, target, target) == ""
        ):
            values[target] = convert(target, to_text, "", unfit)
        return values, unfit


project = LegacyRestores().project
