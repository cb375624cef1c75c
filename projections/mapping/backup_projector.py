"""The projector that both backup tables share. Pure: it uses no database and no other stream."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from domain.backups.events import (
    BackupEvent,
    BackupExpired,
    BackupRegistered,
    BackupVanishedFromHost,
    BackupVerified,
    HostBackupRow,
)
from domain.events import Event
from projections.mapping.backup_row import BackupRow
from projections.mapping.host_values import ColumnMapping, UsualSources, extra, host_values

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class BackupProjector(NamedTuple):
    """One backup table's projector. The fields are what differs between the tables."""

    columns: Sequence[ColumnMapping]
    """The columns that are filled from one value of the host."""
    usual_sources: UsualSources
    row_id: Callable[[HostBackupRow], int | None]
    """The id of a host's row in this table; None if it has none here."""
    holds: Callable[[str], bool]
    """Whether the table holds backups of this type that were recorded here."""

    def project(self, row: BackupRow | None, event: Event) -> BackupRow | None:
        """The row after the event; None as long as the backup has no row in this table."""
        match event:
            case HostBackupRow():
                return self._imported(event)
            case BackupRegistered():
                return _registered(event) if self.holds(event.backup_type) else None
            case BackupExpired() if row is not None:
                return replace(
                    row,
                    status="expired",
                    updated_at=event.expired_at,
                    version=event.originator_version,
                )
            case BackupVerified() if row is not None:
                said = {**_decode(row.extra), "verification": event.result}
                return replace(
                    row,
                    extra=_encode(said).decode(),
                    updated_at=event.verified_at,
                    version=event.originator_version,
                )
            case BackupVanishedFromHost() if row is not None:
                return replace(row, version=event.originator_version, present=False)
            case BackupEvent() if row is not None:
                # Whatever it says, it is one more event of the row's stream.
                return replace(row, version=event.originator_version)
        return row

    def _imported(self, event: HostBackupRow) -> BackupRow | None:
        row_id = self.row_id(event)
        if row_id is None:
            return None
        values, unfit = host_values(event, self.columns)
        return BackupRow(
            id=row_id,
            backup_id=event.originator_id,
            origin=event.origin,
            version=event.originator_version,
            extra=extra(event, self.usual_sources),
            unfit=unfit,
            **values,
        )


def _registered(event: BackupRegistered) -> BackupRow:
    return BackupRow(
        id=event.id_offset + event.position,
        name=event.name,
        backup_type=event.backup_type,
        status=event.status,
        database_name=event.database_name,
        file_path=event.file_path,
        size_bytes=event.size_bytes,
        created_at=event.registered_at,
        updated_at=event.registered_at,
        backup_id=event.originator_id,
        origin="recorded",
        version=event.originator_version,
        extra=_encode(_said(event)).decode(),
    )


def _said(event: BackupRegistered) -> dict[str, Any]:
    """What was said of a backup and has no column."""
    said = {"checksum": event.checksum, "format": event.format, "contents": event.contents}
    return {name: value for name, value in said.items() if value}
