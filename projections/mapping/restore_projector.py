"""The projector that both restore tables share. Pure: it uses no database and no other stream."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from domain.events import Event
from domain.restores.events import (
    HostRow,
    RestoreAmended,
    RestoreCancelled,
    RestoreCompleted,
    RestoreEvent,
    RestoreFailed,
    RestoreRequested,
    RestoreStarted,
    RestoreValidated,
    RestoreVanishedFromHost,
)
from domain.restores.values import BackupRef
from projections.mapping import amendments, lifecycle
from projections.mapping.host_values import (
    ColumnMapping,
    Unfit,
    UsualSources,
    backup_misfit,
    extra,
    host_values,
)

_encode = msgspec.json.Encoder().encode

Row = Any
"""The table's own struct: see its `rows`."""


class RestoreProjector(ABC):
    """One restore table's projector. A subclass implements what differs between the tables."""

    row_type: ClassVar[Any]
    has: ClassVar[frozenset[str]]
    """The names of its columns."""
    columns: ClassVar[Sequence[ColumnMapping]]
    """The columns that are filled from one value of the host."""
    amendable: ClassVar[Mapping[str, ColumnMapping]]
    """The columns by their names in amendments, which are the consolidated table's names."""

    @abstractmethod
    def row_id(self, event: HostRow) -> int | None:
        """The id of a host's row in this table; None if it does not have one here."""

    @abstractmethod
    def backup_id(self, backup: BackupRef | None) -> int | None:
        """The id of a backup in the backup table that belongs to this table."""

    @abstractmethod
    def usual_sources(self, event: HostRow) -> UsualSources:
        """Which columns of the host's row usually fill which columns here."""

    @abstractmethod
    def own_columns(self, event: RestoreRequested) -> dict[str, Any] | None:
        """This table's own columns for a restore recorded here; None if it has no row here."""

    def shown(self, changed: dict[str, Any]) -> dict[str, Any]:
        """The columns of these that this table has."""
        return {name: value for name, value in changed.items() if name in self.has}

    def status(self, status: str | None) -> str | None:
        """The name of this status in this table."""
        return status

    def host_values(self, event: HostRow) -> tuple[dict[str, Any], Unfit]:
        """The columns' values for a host's row, and the reasons for those that do not fit."""
        return host_values(event, self.columns)

    def project(self, row: Row | None, event: Event) -> Row | None:
        """The row after the event; None as long as the restore has no row in this table."""
        match event:
            case HostRow():
                return self._imported(row, event)
            case RestoreRequested():
                return self._requested(event)
        if row is None:
            return None
        match event:
            case RestoreStarted() | RestoreCompleted() | RestoreFailed() | RestoreCancelled():
                changed = self.shown(lifecycle.life_changes(event, row.started_at))
                changed["status"] = self.status(changed["status"])
                unfit = lifecycle.still_unfit(row.unfit, changed)
                return replace(row, **changed, version=event.originator_version, unfit=unfit)
            case RestoreValidated():
                changed = self.shown({"validation": event.result, "updated_at": event.validated_at})
                return replace(row, **changed, version=event.originator_version)
            case RestoreAmended():
                return self._amended(row, event)
            case RestoreVanishedFromHost():
                return replace(row, version=event.originator_version, present=False)
            case RestoreEvent():
                # Whatever it says, it is one more event of the row's stream.
                return replace(row, version=event.originator_version)
        return row

    def _imported(self, before: Row | None, event: HostRow) -> Row | None:
        """The row of a host's row, in which amended columns keep their values."""
        row_id = self.row_id(event)
        if row_id is None:
            return None
        values, unfit = self.host_values(event)
        backup = event.backup
        values["source_backup_id"] = self.backup_id(backup)
        values["backup_id"] = backup.backup_id if backup else None
        backup_misfit(event, unfit)
        kept = "[]"
        if before is not None and before.amended != "[]":
            kept = before.amended
            amendments.keep_amended(kept, before, values, unfit, before.unfit)
        return self.row_type(
            id=row_id,
            restore_id=event.originator_id,
            created_by_username=event.username,
            origin=event.origin,
            version=event.originator_version,
            amended=kept,
            extra=extra(event, self.usual_sources(event)),
            unfit=unfit,
            **values,
        )

    def _requested(self, event: RestoreRequested) -> Row | None:
        """A restore recorded here: pending until it is started."""
        own = self.own_columns(event)
        if own is None:
            return None
        backup = event.backup
        return self.row_type(
            id=event.id_offset + event.position,
            name=event.name,
            source_backup_id=self.backup_id(backup),
            status="pending",
            target_database=event.target_database,
            started_at=None,
            completed_at=None,
            duration_seconds=None,
            message=event.message,
            created_by_id=event.requested_by,
            created_at=event.requested_at,
            updated_at=event.requested_at,
            restore_id=event.originator_id,
            backup_id=backup.backup_id if backup else None,
            created_by_username=event.requested_by_username,
            origin="recorded",
            version=event.originator_version,
            amended="[]",
            extra=_encode(event.attributes).decode(),
            **own,
        )

    def _amended(self, row: Row, event: RestoreAmended) -> Row:
        """The row with the named columns corrected; the host's own `updated_at` stays."""
        unfit = dict(row.unfit)
        backup = event.backup
        changed = amendments.apply(event, self.amendable, self.backup_id(backup), unfit)
        if "status" in changed:
            changed["status"] = self.status(changed["status"])
        columns = {*amendments.names(row.amended), *changed}
        if "source_backup_id" in changed:
            changed["backup_id"] = backup.backup_id if backup else None
        if row.origin == "recorded":
            changed["updated_at"] = event.amended_at
        return replace(
            row,
            **changed,
            amended=amendments.listed(columns),
            version=event.originator_version,
            unfit=unfit,
        )
